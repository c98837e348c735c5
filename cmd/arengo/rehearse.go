package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"arengo/process/fault"
	"arengo/process/rehearsal"
	"arengo/web/page"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/rehearse"
	"arengo/workflow/rehearse/outline"
	"arengo/workflow/rehearse/scenario"
)

// rehearseCommand is `arengo rehearse FILE --start DATE [--population CSV]
// [--scenario FILE] [--seed N] [--lang it|en] [--json]`: the process of a
// definition played through without a database, see package rehearse. Flags may
// follow the file. Exit 0 when it comes to its end, 1 when a file has problems
// (file:line: message on errs) or the rehearsal does not come to its end, 2 for
// wrong usage.
func rehearseCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	lang := language(os.Getenv)
	p, err := parseRehearsal(args, lang)
	if err != nil {
		return misused(errs, "rehearse", err, lang)
	}
	config, problems, err := p.config(lang)
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	for _, problem := range problems.In(string(lang)) {
		fmt.Fprintln(errs, problem)
	}
	if len(problems) > 0 {
		return 1
	}
	report, err := rehearse.Run(ctx, config)
	if _, refused := fault.As(err); refused {
		fmt.Fprintln(errs, "arengo:", page.Explain(string(lang), err))
		return 1
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	if err := p.write(out, report); err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return judge(report, p.file, errs, lang)
}

// judge says on errs why a rehearsal failed, and what of the file it stumbled on.
func judge(r *rehearse.Report, file string, errs io.Writer, lang tongue) int {
	tell := func(line int, message string) {
		fmt.Fprintln(errs, definition.Problem{File: file, Line: max(1, line), Message: message})
	}
	if !r.End.Reached {
		tell(1, fmt.Sprintf(lang.say("la prova non arriva alla fine: resta in “%s”", "the rehearsal does not come to an end: it stays in “%s”"), r.End.Title))
	}
	for _, e := range r.Errors {
		tell(1, e)
	}
	for _, w := range r.Warnings {
		if w.Line > 0 {
			tell(w.Line, w.Text)
		}
	}
	if r.Failed() {
		return 1
	}
	return 0
}

// rehearsalArgs are those of the command line.
type rehearsalArgs struct {
	file, population, scenario, lang string
	start                            civil.Date
	seed                             uint64
	seeded, json                     bool
}

// errUsage is an error that the usage says everything about.
var errUsage = errors.New("")

func parseRehearsal(args []string, lang tongue) (rehearsalArgs, error) {
	var p rehearsalArgs
	var start string
	flags := flag.NewFlagSet("rehearse", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&start, "start", "", "")
	flags.StringVar(&p.population, "population", "", "")
	flags.StringVar(&p.scenario, "scenario", "", "")
	flags.StringVar(&p.lang, "lang", string(lang), "")
	flags.Uint64Var(&p.seed, "seed", 0, "")
	flags.BoolVar(&p.json, "json", false, "")
	files, wrong := operands(flags, args, lang)
	switch {
	case wrong != nil:
		return p, wrong
	case len(files) != 1:
		return p, errUsage
	case start == "":
		return p, errors.New(lang.say("manca --start, il primo giorno", "--start, the first day, is missing"))
	case !slices.Contains(definition.Locales, p.lang):
		return p, fmt.Errorf(lang.say("--lang: %q non è it o en", "--lang: %q is not it or en"), p.lang)
	}
	p.file = files[0]
	flags.Visit(func(f *flag.Flag) { p.seeded = p.seeded || f.Name == "seed" })
	var err error
	if p.start, err = civil.ParseDate(start); err != nil {
		return p, fmt.Errorf(lang.say("--start: %q non è un giorno del calendario dal 1900 al 2999: scrivilo come 2027-03-24",
			"--start: %q is no day of the calendar from 1900 to 2999: write it as 2027-03-24"), start)
	}
	return p, nil
}

// config reads the files; what is wrong with them comes as problems.
func (p rehearsalArgs) config(lang tongue) (c rehearse.Config, problems definition.Problems, err error) {
	source, err := readAtMost(p.file, maxDefinition, lang)
	if err != nil {
		return c, definition.Problems{{File: p.file, Line: 1, Message: err.Error()}}, nil
	}
	registry := kinds()
	def, problems := definition.Check(p.file, source, known(registry))
	if problems != nil {
		return c, problems, nil
	}
	if def.Level != definition.LevelProcess {
		return c, definition.Problems{{File: p.file, Line: 1, Message: lang.say(
			"si prova un percorso intero, non un’attività", "a whole process is rehearsed, not an activity",
		)}}, nil
	}
	c = rehearse.Config{Definition: def, Start: p.start, Lang: p.lang, Voice: rehearsal.Voice{}}
	if c.Kinds, err = rehearsal.Kinds(registry, p.lang); err != nil {
		return c, nil, err
	}
	if source, problems = optional(p.population, lang); source != nil {
		c.Strata, problems = scenario.ParsePopulation(p.population, source)
	}
	if problems != nil {
		return c, problems, nil
	}
	if source, problems = optional(p.scenario, lang); source != nil {
		c.Scenario, problems = scenario.Parse(p.scenario, source, def, c.Strata)
	}
	if p.seeded {
		c.Scenario.Seed = p.seed
	}
	return c, problems, nil
}

// optional reads a file that need not be given; nil when it is not.
func optional(file string, lang tongue) ([]byte, definition.Problems) {
	if file == "" {
		return nil, nil
	}
	source, err := readAtMost(file, maxDefinition, lang)
	if err != nil {
		return nil, definition.Problems{{File: file, Line: 1, Message: err.Error()}}
	}
	return append([]byte{}, source...), nil
}

func (p rehearsalArgs) write(out io.Writer, r *rehearse.Report) error {
	if p.json {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	_, err := io.WriteString(out, outline.Text(r, p.lang))
	return err
}
