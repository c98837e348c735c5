package main

import (
	"fmt"
	"io/fs"
	"path"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/codesign"
	"arengo/process/focusgroup"
	"arengo/process/questionnaire"
	"arengo/process/webinar"
	"arengo/workflow/definition"
)

// kinds is the list of the kinds of activity, in the order in which pages list
// them: adding one is its folder, its pages and a line here.
func kinds() *process.Kinds {
	return process.NewKinds(
		questionnaire.Kind{},
		focusgroup.Kind{},
		codesign.Kind{},
		webinar.Kind{},
		assembly.Kind{},
	)
}

// known names the kinds that definitions may speak of.
func known(kinds *process.Kinds) []string {
	return kinds.Names()
}

// library compiles what this program ships: the workflow of every kind and the
// templates of processes.
func library(kinds *process.Kinds) (*definition.Library, error) {
	l := definition.NewLibrary(known(kinds)...)
	for _, name := range kinds.Names() {
		kind, err := kinds.Get(name)
		if err != nil {
			return nil, err
		}
		if _, err := l.Add(name+"/workflow.yaml", kind.Workflow()); err != nil {
			return nil, fmt.Errorf("workflow of %s: %w", name, err)
		}
	}
	files, err := fs.Glob(fixtures.Files(), "templates/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		source, err := fs.ReadFile(fixtures.Files(), file)
		if err != nil {
			return nil, err
		}
		if _, err := l.Add(path.Base(file), source); err != nil {
			return nil, fmt.Errorf("template %s: %w", path.Base(file), err)
		}
	}
	return l, nil
}
