package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"arengo/workflow/definition"
)

const workflowUsage = "usage: arengo workflow check [--json] FILE…\n"

// workflowCommand is `arengo workflow check FILE…`: every problem of the
// definitions as file:line: message, a line each, on errs; exit 1 when there
// are any. With --json one object goes to out instead.
func workflowCommand(_ context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("workflow check", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	asJSON := flags.Bool("json", false, "")
	if len(args) == 0 || args[0] != "check" || flags.Parse(args[1:]) != nil || flags.NArg() == 0 {
		fmt.Fprint(errs, workflowUsage)
		return 2
	}
	problems := checkDefinitions(flags.Args(), known(kinds()))
	if *asJSON {
		report := struct {
			Files    int                 `json:"files"`
			Problems definition.Problems `json:"problems"`
		}{flags.NArg(), append(definition.Problems{}, problems...)}
		if err := json.NewEncoder(out).Encode(report); err != nil {
			fmt.Fprintln(errs, err)
			return 1
		}
	} else {
		for _, p := range problems {
			fmt.Fprintln(errs, p)
		}
	}
	if len(problems) > 0 {
		return 1
	}
	return 0
}

// maxDefinition is the largest file that check reads, in bytes.
const maxDefinition = 1 << 20

func checkDefinitions(files, kinds []string) definition.Problems {
	var all definition.Problems
	for _, file := range files {
		source, err := readAtMost(file, maxDefinition)
		if err != nil {
			all = append(all, definition.Problem{File: file, Line: 1, Message: err.Error()})
			continue
		}
		_, problems := definition.Check(file, source, kinds)
		all = append(all, problems...)
	}
	return all
}

func readAtMost(file string, limit int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("the file is larger than %d bytes", limit)
	}
	return b, nil
}
