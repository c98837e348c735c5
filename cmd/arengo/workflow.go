package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"arengo/workflow/definition"
	"arengo/workflow/definition/schema"
	"arengo/workflow/diagram"
)

// workflowCommand is `arengo workflow verify`, see verifyCommand,
// `arengo workflow show`, see showCommand, `arengo workflow schema`, which prints
// the JSON Schema of definitions, or
// `arengo workflow check FILE…`: every problem of the
// definitions as file:line: message, a line each, on errs; exit 1 when there
// are any. The files in order are named on out. With --json one object goes to
// out instead. The messages are in the operator's language either way.
func workflowCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) > 0 && args[0] == "verify" {
		return verifyCommand(ctx, args[1:], out, errs)
	}
	if len(args) > 0 && args[0] == "show" {
		return showCommand(args[1:], out, errs)
	}
	if len(args) == 1 && args[0] == "schema" {
		return schemaCommand(out, errs)
	}
	flags := flag.NewFlagSet("workflow check", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	asJSON := flags.Bool("json", false, "")
	lang := language(os.Getenv)
	var files []string
	var wrong error
	switch {
	case len(args) > 0 && args[0] == "check":
		files, wrong = operands(flags, args[1:], lang)
	case len(args) > 0:
		wrong = fmt.Errorf(lang.say("parola sconosciuta: %q", "unknown word: %q"), args[0])
	}
	if len(files) == 0 || wrong != nil {
		return misused(errs, "workflow", wrong, lang)
	}
	problems := checkDefinitions(files, known(kinds()), lang)
	if *asJSON {
		report := struct {
			Files    int                 `json:"files"`
			Problems definition.Problems `json:"problems"`
		}{len(files), append(definition.Problems{}, problems...)}
		if err := json.NewEncoder(out).Encode(report); err != nil {
			fmt.Fprintln(errs, err)
			return 1
		}
	} else {
		for _, p := range problems {
			fmt.Fprintln(errs, p)
		}
		praise(out, files, problems, lang)
	}
	if len(problems) > 0 {
		return 1
	}
	return 0
}

// operands are the arguments that are no flags, which may stand anywhere among
// them. The error is of the flag that is unknown or has no good value, in the
// operator's language; errUsage where one asks for help.
func operands(flags *flag.FlagSet, args []string, lang tongue) ([]string, error) {
	var out []string
	for len(args) > 0 {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, errUsage
		} else if err != nil {
			return nil, errors.New(lang.say(flagsInItalian.Replace(err.Error()), err.Error()))
		}
		if flags.NArg() == 0 {
			break
		}
		out, args = append(out, flags.Arg(0)), flags.Args()[1:]
	}
	return out, nil
}

// flagsInItalian are the words of package flag.
var flagsInItalian = strings.NewReplacer("flag provided but not defined: ", "opzione sconosciuta: ", "flag needs an argument: ", "manca il valore di ",
	"invalid value", "valore non valido", " for flag ", " per ", "invalid boolean value", "valore non valido", ": parse error", "", ": value out of range", "")

// misused says what is wrong with a command's arguments and how it is written.
func misused(errs io.Writer, name string, cause error, lang tongue) int {
	if cause != nil && cause.Error() != "" {
		fmt.Fprintf(errs, "arengo: %s\n\n", cause)
	}
	usage(errs, name, lang)
	return 2
}

func schemaCommand(out, errs io.Writer) int {
	b, err := schema.JSON(known(kinds()))
	if err == nil {
		_, err = out.Write(b)
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return 0
}

// maxDefinition is the largest file that check reads, in bytes.
const maxDefinition = 1 << 20

// praise names the files without a problem: silence would leave in doubt
// whether they were read at all.
func praise(out io.Writer, files []string, problems definition.Problems, lang tongue) {
	for _, file := range files {
		if !slices.ContainsFunc(problems, func(p definition.Problem) bool { return p.File == file }) {
			fmt.Fprintf(out, "%s: %s\n", file, lang.say("in ordine", "in order"))
		}
	}
}

func checkDefinitions(files, kinds []string, lang tongue) definition.Problems {
	var all definition.Problems
	for _, file := range files {
		source, err := readAtMost(file, maxDefinition, lang)
		if err != nil {
			all = append(all, definition.Problem{File: file, Line: 1, Message: err.Error()})
			continue
		}
		_, problems := definition.Check(file, source, kinds)
		all = append(all, problems.In(string(lang))...)
	}
	return all
}

// readAtMost reads a file; what is wrong with it is said in the reader's language.
func readAtMost(file string, limit int64, lang tongue) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, unread(err, lang)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New(lang.say("è una cartella: scrivi i file da controllare, per esempio cartella/*.yaml",
			"it is a folder: name the files to check, for instance folder/*.yaml"))
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, unread(err, lang)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf(lang.say("il file supera %d byte", "the file is larger than %d bytes"), limit)
	}
	return b, nil
}

func unread(err error, lang tongue) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New(lang.say("il file non esiste: controlla il nome", "the file does not exist: check its name"))
	case errors.Is(err, fs.ErrPermission):
		return errors.New(lang.say("il file non può essere letto da questo utente", "this user may not read the file"))
	}
	return fmt.Errorf(lang.say("il file non si legge: %w", "the file cannot be read: %w"), err)
}

// pictures are the forms that a definition can be shown in.
var pictures = map[string]func(*definition.Compiled, string) string{
	"text":    diagram.Text,
	"mermaid": diagram.Mermaid,
	"svg": func(c *definition.Compiled, lang string) string {
		return diagram.SVG(c, lang, diagram.Place{}) + "\n"
	},
}

// showCommand is `arengo workflow show FILE --format text|mermaid|svg
// [--lang it|en]`: the definition as a whole on out, in the operator's language
// unless another is asked for. Flags may follow the file. A definition with
// problems is not shown: they go to errs as file:line: message, exit 1.
func showCommand(args []string, out, errs io.Writer) int {
	lang := language(os.Getenv)
	flags := flag.NewFlagSet("workflow show", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	format := flags.String("format", "text", "")
	titles := flags.String("lang", string(lang), "")
	files, wrong := operands(flags, args, lang)
	draw := pictures[*format]
	switch {
	case wrong != nil || len(files) != 1:
	case draw == nil:
		wrong = fmt.Errorf(lang.say("--format: %q non è text, mermaid o svg", "--format: %q is not text, mermaid or svg"), *format)
	case !slices.Contains(definition.Locales, *titles):
		wrong = fmt.Errorf(lang.say("--lang: %q non è it o en", "--lang: %q is not it or en"), *titles)
	}
	if wrong != nil || len(files) != 1 {
		return misused(errs, "workflow", wrong, lang)
	}
	file := files[0]
	source, err := readAtMost(file, maxDefinition, lang)
	if err != nil {
		fmt.Fprintln(errs, definition.Problem{File: file, Line: 1, Message: err.Error()})
		return 1
	}
	c, problems := definition.Check(file, source, known(kinds()))
	if problems != nil {
		for _, p := range problems.In(string(lang)) {
			fmt.Fprintln(errs, p)
		}
		return 1
	}
	if _, err := io.WriteString(out, draw(c, *titles)); err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return 0
}
