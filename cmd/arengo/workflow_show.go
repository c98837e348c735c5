package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"arengo/workflow/definition"
	"arengo/workflow/diagram"
)

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
	if flags.Parse(args) != nil || flags.NArg() == 0 {
		usage(errs, "workflow", lang)
		return 2
	}
	file := flags.Arg(0)
	draw := func() func(*definition.Compiled, string) string {
		if flags.Parse(flags.Args()[1:]) != nil || flags.NArg() > 0 || !slices.Contains(definition.Locales, *titles) {
			return nil
		}
		return pictures[*format]
	}()
	if draw == nil {
		usage(errs, "workflow", lang)
		return 2
	}
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
