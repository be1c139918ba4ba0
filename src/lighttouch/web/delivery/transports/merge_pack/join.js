"use strict";

const PACK = ["staff_id", "subject", "link", "text", "opt_out"];
const CODES = ["staff_id", "staff id", "staff code", "code", "employee number", "payroll number"];
const EMAILS = ["email", "e-mail", "email address", "e-mail address", "work email", "mail"];
const find = (id) => document.getElementById(id);
const held = { pack: null, names: null };

/* Read a table of comma- or semicolon-separated text, with quoted cells. */
function readTable(text) {
  const first = text.slice(0, text.search(/[\r\n]|$/));
  const comma = [",", ";", "\t"].sort((a, b) => first.split(b).length - first.split(a).length)[0];
  const rows = [];
  let row = [], cell = "", quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') { cell += '"'; at += 1; }
      else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === comma) { row.push(cell); cell = ""; }
    else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[at + 1] === "\n") at += 1;
      row.push(cell); rows.push(row); row = []; cell = "";
    } else cell += sign;
  }
  if (cell !== "" || row.length) { row.push(cell); rows.push(row); }
  return rows.filter((cells) => cells.some((one) => one.trim() !== ""));
}

/* Old spreadsheet programs do not save as UTF-8. */
function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/* A cell that a spreadsheet would run as a formula carries an apostrophe. */
const dangerous = (cell) => /^ *[=+\-@\t\r\n|%]/.test(cell);
const guard = (cell) => (dangerous(cell) ? `'${cell}` : cell);
const unguard = (cell) => (cell[0] === "'" && dangerous(cell.slice(1)) ? cell.slice(1) : cell);
const codeOf = (cell) => unguard((cell || "").trim()).trim().normalize("NFC");

function writeTable(rows) {
  const quote = (cell) => `"${guard(cell).replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => row.map(quote).join(",")).join("\r\n")}\r\n`;
}

function say(id, words, wrong = false) {
  find(id).textContent = words;
  find(id).classList.toggle("wrong", wrong);
}

const counted = (number, one, many) => `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;

async function readFile(input, said) {
  const file = input.files[0];
  if (!file) return null;
  const rows = readTable(decode(await file.arrayBuffer()));
  const isBook = rows.length > 0 && rows[0][0].startsWith("PK");
  if (isBook || rows.length < 2) {
    const words = isBook ? "This is an Excel file. Open it and save it as CSV." : "There are no rows in this file.";
    say(said, words, true);
    return null;
  }
  return { headings: rows[0].map((one) => one.trim()), rows: rows.slice(1) };
}

async function takePack() {
  held.pack = null;
  const table = await readFile(find("pack"), "pack-said");
  if (table && PACK.some((name) => !table.headings.includes(name))) {
    say("pack-said", "This is not a pack. Choose the .csv file you downloaded.", true);
  } else if (table) {
    const places = PACK.map((name) => table.headings.indexOf(name));
    held.pack = table.rows.map((row) => {
      const [code, subject, link, text, stop] = places.map((place) => unguard(row[place] || ""));
      return { code: codeOf(code), subject, link, text, stop };
    });
    say("pack-said", `${counted(held.pack.length, "message", "messages")}.`);
  }
  join();
}

function offer(select, headings, guesses) {
  const lower = headings.map((one) => one.toLowerCase());
  const guess = guesses.map((one) => lower.indexOf(one)).find((place) => place >= 0);
  select.replaceChildren(...headings.map((one, place) => new Option(one || `Column ${place + 1}`, place)));
  select.value = guess === undefined ? "0" : String(guess);
}

async function takeNames() {
  held.names = await readFile(find("names"), "names-said");
  find("columns").hidden = !held.names;
  if (held.names) {
    offer(find("code"), held.names.headings, CODES);
    offer(find("email"), held.names.headings, EMAILS);
    say("names-said", `${counted(held.names.rows.length, "person", "people")}.`);
  }
  join();
}

function match() {
  const place = Number(find("code").value);
  const people = new Map(), twice = new Set();
  for (const row of held.names.rows) {
    const code = codeOf(row[place]);
    if (code && people.has(code)) twice.add(code);
    people.set(code, row);
  }
  const inPack = new Set(held.pack.map((one) => one.code));
  const found = held.pack.filter((one) => people.has(one.code) && !twice.has(one.code));
  return {
    found: found.map((one) => ({ ...one, row: people.get(one.code) })),
    unnamed: held.pack.filter((one) => !people.has(one.code)).map((one) => one.code),
    unasked: [...people.keys()].filter((code) => code && !inPack.has(code)),
    twice: [...twice].filter((code) => inPack.has(code)),
  };
}

function list(id, codes, words) {
  const box = find(id);
  box.hidden = codes.length === 0;
  box.querySelector("summary").textContent = `${words}: ${codes.length.toLocaleString("en-GB")}`;
  box.querySelector("ul").replaceChildren(...codes.map((code) => {
    const item = document.createElement("li");
    item.textContent = code;
    return item;
  }));
}

function writeMessage(one) {
  const item = document.createElement("li");
  const address = (one.row[Number(find("email").value)] || "").trim();
  const to = document.createElement("a");
  to.textContent = address || one.code;
  if (address.includes("@")) {
    const about = `subject=${encodeURIComponent(one.subject)}&body=${encodeURIComponent(one.text)}`;
    to.href = `mailto:${encodeURIComponent(address)}?${about}`;
  }
  const text = document.createElement("pre");
  text.textContent = `${one.subject}\n\n${one.text}`;
  item.append(to, text);
  return item;
}

function writeMessages() {
  const open = held.pack && held.names && find("texts").open;
  find("texts").querySelector("ol").replaceChildren(...(open ? match().found.map(writeMessage) : []));
}

function join() {
  find("joined").hidden = !(held.pack && held.names);
  if (find("joined").hidden) {
    say("joined-said", "Choose both files first.");
    return;
  }
  const { found, unnamed, unasked, twice } = match();
  const all = counted(held.pack.length, "message", "messages");
  say("joined-said", `${found.length.toLocaleString("en-GB")} of ${all} have a name.`);
  list("unnamed", unnamed, "In the pack, not in your list");
  list("unasked", unasked, "In your list, not in the pack: they get no message");
  list("twice", twice, "More than once in your list, so left out");
  find("save").disabled = found.length === 0;
  writeMessages();
}

function save() {
  const { headings } = held.names;
  const rows = match().found.map(({ row, subject, link, text, stop }) => [
    ...headings.map((_, place) => unguard(row[place] || "")), subject, link, text, stop,
  ]);
  const table = writeTable([[...headings, ...PACK.slice(1)], ...rows]);
  const to = document.createElement("a");
  to.href = URL.createObjectURL(new Blob([table], { type: "text/csv" }));
  to.download = "joined.csv";
  to.click();
  setTimeout(() => URL.revokeObjectURL(to.href), 10000);
}

find("pack").addEventListener("change", takePack);
find("names").addEventListener("change", takeNames);
find("code").addEventListener("change", join);
find("email").addEventListener("change", join);
find("texts").addEventListener("toggle", writeMessages);
find("save").addEventListener("click", save);
