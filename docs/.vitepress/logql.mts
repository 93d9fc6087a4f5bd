import type { LanguageRegistration } from "shiki";

/** Enough of LogQL (and PromQL) to read a query by its colours; the highlighter has neither. */
export const logql: LanguageRegistration = {
  name: "logql",
  aliases: ["promql"],
  scopeName: "source.logql",
  repository: {},
  patterns: [
    { match: "#.*$", name: "comment.line" },
    { match: '"(?:[^"\\\\]|\\\\.)*"|`[^`]*`', name: "string.quoted" },
    { match: "\\[[^\\]]*\\]", name: "constant.numeric" },
    { match: "\\b\\d+(?:\\.\\d+)?[a-z]*\\b", name: "constant.numeric" },
    {
      match: "\\b(?:by|without|on|ignoring|and|or|unless|offset|bool)\\b",
      name: "keyword.control",
    },
    {
      match:
        "(?<=\\|\\s)(?:json|logfmt|pattern|regexp|unpack|line_format|label_format|unwrap|drop|keep)\\b",
      name: "keyword.control",
    },
    { match: "\\b[a-z_]+(?=\\s*\\()", name: "entity.name.function" },
    { match: "\\b[A-Za-z_][\\w.]*(?=\\s*(?:=~|!~|!=|==|=))", name: "variable.other" },
    { match: "\\|=|\\|~|!~|=~|!=|>=|<=|==|[=<>|+*/-]", name: "keyword.operator" },
  ],
};
