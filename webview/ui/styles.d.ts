/** Style sheets are bundled into the panel's own file; importing one gives nothing. */
declare module "*.css";
