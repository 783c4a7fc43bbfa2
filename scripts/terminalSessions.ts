import { inProject, runNode } from "./project.ts";

/** A document with what the commands in its `$ gradlens …` blocks print now, but for the last paragraph, which has times in it. */
export async function withTerminalSessions(text: string): Promise<string> {
  const parts = text.split(/(^```\n\$ gradlens [^\n]+\n[\s\S]*?```$)/m);
  const fresh = parts.map(async (part) => {
    const command = /^```\n\$ gradlens ([^\n]+)\n/.exec(part)?.[1];
    return command === undefined ? part : `\`\`\`\n$ gradlens ${command}\n${await printed(command)}\n\`\`\``;
  });
  return (await Promise.all(fresh)).join("");
}

async function printed(command: string): Promise<string> {
  let output = "";
  const onOutput = (text: string) => {
    output += text;
  };
  await runNode([inProject("dist", "cli.js"), ...command.split(" ")], { onOutput, env: { FORCE_COLOR: "0" } });
  const whole = output.trimEnd();
  return whole.slice(0, whole.lastIndexOf("\n\n"));
}
