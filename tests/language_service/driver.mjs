// Answers questions about specs as VS Code would that has a folder open.
// Standard input: {"folder": PATH, "document": PATH INSIDE IT, "documents": [{"text", "complete": [offset], "hover": [offset]}]}.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { getLanguageService } from "vscode-json-languageservice";
import { TextDocument } from "vscode-languageserver-textdocument";

const request = JSON.parse(readFileSync(0, "utf8"));
const root = `${pathToFileURL(request.folder)}/`;
const uri = new URL(request.document, root).toString();
const service = getLanguageService({
  schemaRequestService: async (address) => readFileSync(fileURLToPath(address), "utf8"),
  workspaceContext: { resolveRelativePath: (path, resource) => new URL(path, resource).toString() },
});

// `json.schemas` of the folder's settings, handed over as VS Code's own JSON client does.
const settings = join(request.folder, ".vscode", "settings.json");
const configured = existsSync(settings) ? JSON.parse(readFileSync(settings, "utf8"))["json.schemas"] : [];
const schemas = configured.map(({ url, fileMatch, schema }) => ({
  uri: new URL(url, root).toString(),
  fileMatch,
  schema,
}));
service.configure({ validate: true, allowComments: false, schemas });

const answers = [];
for (const { text, complete = [], hover = [] } of request.documents) {
  const document = TextDocument.create(uri, "json", 1, text);
  const parsed = service.parseJSONDocument(document);
  await service.doValidation(document, parsed);
  const start = performance.now();
  const diagnostics = await service.doValidation(document, parsed);
  const milliseconds = performance.now() - start;
  const completions = [];
  for (const offset of complete) {
    const list = await service.doComplete(document, document.positionAt(offset), parsed);
    completions.push(list.items.map(({ label, insertText }) => ({ label, insertText })));
  }
  const hovers = [];
  for (const offset of hover) {
    const found = await service.doHover(document, document.positionAt(offset), parsed);
    hovers.push(found ? [found.contents].flat().join("\n").replaceAll("\\", "") : "");
  }
  answers.push({
    milliseconds,
    completions,
    hovers,
    diagnostics: diagnostics.map(({ message, range }) => ({
      message,
      text: text.slice(document.offsetAt(range.start), document.offsetAt(range.end)),
    })),
  });
}
process.stdout.write(JSON.stringify(answers));
