import type { ComponentChild } from "preact";
import type { NumbersOf, TensorShown } from "../protocol/tensor.ts";
import { useAtom } from "../ui/atom.ts";
import { Dropdown } from "../ui/kit.ts";
import { cutDims, momentOf, type TensorLook, withDim, withIndex } from "./model.ts";
import type { TensorPanel } from "./tensorPanel.ts";

interface ControlsProps {
  readonly panel: TensorPanel;
  readonly shown: TensorShown;
}

/** What is looked at and how: value, gradient or ratio; as a table or a picture; which two dimensions, and where the others are cut. */
export function Controls({ panel, shown }: ControlsProps): ComponentChild {
  const look = useAtom(panel.look);
  if (look === null) return null;
  const { shape } = shown;
  const dims = shape.map((size, d) => ({ id: d, label: `dim ${d} (${size.toLocaleString("en")})` }));
  return (
    <div class="controls">
      <Kinds panel={panel} shown={shown} look={look} />
      <Choice
        label="Show as"
        options={[
          { id: "table", words: "Table" },
          { id: "picture", words: "Heat map" },
        ]}
        chosen={look.as}
        onChoose={(as) => panel.change({ as })}
      />
      {shape.length > 1 && (
        <>
          <span class="control">
            <span aria-hidden="true">rows</span>
            <Dropdown
              label="Dimension of the rows"
              options={dims}
              chosen={look.at.rowDim}
              onChoose={(dim) => panel.change({ at: withDim(look.at, "rowDim", dim) })}
            />
          </span>
          <span class="control">
            <span aria-hidden="true">columns</span>
            <Dropdown
              label="Dimension of the columns"
              options={dims}
              chosen={look.at.columnDim}
              onChoose={(dim) => panel.change({ at: withDim(look.at, "columnDim", dim) })}
            />
          </span>
        </>
      )}
      {cutDims(shape, look.at).map((dim) => (
        <Cut
          key={dim}
          dim={dim}
          size={shape[dim] ?? 1}
          index={look.at.indices[dim] ?? 0}
          onChoose={(index) => panel.change({ at: withIndex(look.at, dim, index) })}
        />
      ))}
    </div>
  );
}

function Kinds({ panel, shown, look }: ControlsProps & { readonly look: TensorLook }): ComponentChild {
  const moment = shown.moments[momentOf(shown, look)];
  const mark = moment?.hasGrad ? "" : " ∅";
  return (
    <Choice<NumbersOf>
      label="Which numbers"
      options={[
        { id: "value", words: "Value" },
        { id: "grad", words: `Gradient${mark}` },
        { id: "ratio", words: "Ratio", hint: "gradient ÷ value, element by element" },
      ]}
      chosen={look.of}
      onChoose={(of) => panel.change({ of })}
    />
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly id: T; readonly words: string; readonly hint?: string }[];
  readonly chosen: T;
  readonly onChoose: (id: T) => void;
}

/** A row of buttons of which one is down. */
function Choice<T extends string>({ label, options, chosen, onChoose }: ChoiceProps<T>): ComponentChild {
  return (
    <fieldset class="choice" aria-label={label}>
      {options.map(({ id, words, hint }) => (
        <button type="button" key={id} aria-pressed={id === chosen} title={hint} onClick={() => onChoose(id)}>
          {words}
        </button>
      ))}
    </fieldset>
  );
}

interface CutProps {
  readonly dim: number;
  readonly size: number;
  readonly index: number;
  readonly onChoose: (index: number) => void;
}

/** Where a dimension is cut: a slider and the number. */
function Cut({ dim, size, index, onChoose }: CutProps): ComponentChild {
  const choose = (text: string): void => onChoose(Math.max(0, Math.min(size - 1, Math.round(Number(text)) || 0)));
  return (
    <span class="control">
      <span aria-hidden="true">dim {dim}</span>
      <input
        type="range"
        min={0}
        max={Math.max(0, size - 1)}
        value={index}
        aria-label={`Index in dimension ${dim}`}
        onInput={(event) => choose(event.currentTarget.value)}
      />
      <input
        type="number"
        class="cut-number"
        min={0}
        max={Math.max(0, size - 1)}
        value={index}
        aria-label={`Index in dimension ${dim}, as a number`}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      <span class="quiet">of {size.toLocaleString("en")}</span>
    </span>
  );
}
