package flow

import (
	"arengo/web/page"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

// Own reports phases that were changed for one process: they are no version of a
// template, even where they keep its title.
func Own(def *definition.Compiled) bool { return def.Name != edit.OriginOf(def.Name) }

// Follows says whose phases a process follows after a change, or once that was taken
// back: a version of its template, or its own.
func Follows(w page.Words, def *definition.Compiled, act string) string {
	key := "page.log." + act
	if Own(def) {
		key += ".own"
	}
	return w.T(key, "template", def.Title.In(w.Lang), "version", def.Version)
}
