/**
 * The one place that knows @vscode/webview-ui-toolkit. It is archived (since January 2025) and still the toolkit VS Code's own look
 * was made with; when it has to go, this file is what changes. The panels see the components below and no element of the toolkit.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import { type ComponentChild, type ComponentChildren, h, type Ref } from "preact";

/** Defines the toolkit's elements; called once, before the first of them is drawn. */
export function registerKit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly primary?: boolean;
  readonly disabled?: boolean;
}

/** A button with words on it. */
export function Button({ children, onClick, primary = true, disabled = false }: ButtonProps): ComponentChild {
  return h("vscode-button", { appearance: primary ? "primary" : "secondary", disabled, onClick }, children);
}

interface IconButtonProps {
  /** The name of a codicon. */
  readonly icon: string;
  /** What it does: its tooltip, and its name for a screen reader. */
  readonly label: string;
  readonly onClick: () => void;
  readonly disabled?: boolean;
  /** For a button that switches something on and off. */
  readonly pressed?: boolean;
  /** For a button that opens a menu: whether it is open. */
  readonly expanded?: boolean;
  readonly elementRef?: Ref<HTMLElement>;
}

/** A button with an icon on it. */
export function IconButton({
  icon,
  label,
  onClick,
  disabled = false,
  pressed,
  expanded,
  elementRef,
}: IconButtonProps): ComponentChild {
  return h(
    "vscode-button",
    {
      appearance: "icon",
      class: pressed === true ? "pressed" : "",
      title: label,
      "aria-label": label,
      // Properties: of these attributes the toolkit's button does not tell the button inside it, which has the focus.
      ...(pressed === undefined ? {} : { ariaPressed: String(pressed) }),
      ...(expanded === undefined ? {} : { ariaHaspopup: "menu", ariaExpanded: String(expanded) }),
      ref: elementRef ?? null,
      disabled,
      onClick,
    },
    h(Icon, { name: icon }),
  );
}

/** A codicon. */
export function Icon({ name }: { readonly name: string }): ComponentChild {
  return h("span", { class: `codicon codicon-${name}`, "aria-hidden": "true" });
}

interface TextFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly elementRef?: Ref<HTMLElement>;
  readonly children?: ComponentChildren;
}

/** A line of text to type into; children stand at its end. */
export function TextField({
  label,
  placeholder,
  value,
  onInput,
  onKeyDown,
  elementRef,
  children,
}: TextFieldProps): ComponentChild {
  return h(
    "vscode-text-field",
    {
      "aria-label": label,
      placeholder,
      value,
      ref: elementRef ?? null,
      onInput: (event: Event) => onInput(textOf(event)),
      onKeyDown,
    },
    children,
  );
}

interface DropdownProps {
  readonly label: string;
  readonly options: readonly { readonly id: number; readonly label: string }[];
  readonly chosen: number;
  readonly onChoose: (id: number) => void;
}

/** A choice of one among several. */
export function Dropdown({ label, options, chosen, onChoose }: DropdownProps): ComponentChild {
  return h(
    "vscode-dropdown",
    {
      "aria-label": label,
      title: label,
      value: String(chosen),
      onChange: (event: Event) => onChoose(Number(textOf(event))),
    },
    options.map((option) =>
      h("vscode-option", { key: option.id, value: String(option.id), selected: option.id === chosen }, option.label),
    ),
  );
}

interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Checkbox({ label, checked, onChange }: CheckboxProps): ComponentChild {
  return h("vscode-checkbox", { checked, onChange: (event: Event) => onChange(isChecked(event)) }, label);
}

/** Something is going on whose end is not known. */
export function ProgressRing(): ComponentChild {
  return h("vscode-progress-ring", { "aria-label": "Working" });
}

function textOf(event: Event): string {
  const target: unknown = event.target;
  return typeof target === "object" && target !== null && "value" in target ? String(target.value) : "";
}

function isChecked(event: Event): boolean {
  const target: unknown = event.target;
  return typeof target === "object" && target !== null && "checked" in target && target.checked === true;
}
