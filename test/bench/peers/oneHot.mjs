/** Class numbers as rows of 0 and one 1, for engines that want their labels so. */
export function oneHot(classes, count) {
  const rows = new Float32Array(classes.length * count);
  classes.forEach((one, row) => {
    rows[row * count + one] = 1;
  });
  return rows;
}
