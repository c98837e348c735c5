package foresight_test

import (
	"slices"
	"testing"

	"arengo/process"
	"arengo/process/cockpit"
	"arengo/process/questionnaire"
)

// The cockpit asks to publish what a closed questionnaire came to, until it is
// public.
func TestResultsAreAskedForUntilTheyArePublic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-19")
	w.Publish()
	asked := func() bool {
		t.Helper()
		board, err := cockpit.New(w.Core).Today(t.Context(), w.Promoter, w.Clock.Time())
		w.Must(err)
		rows := slices.Concat(board.Late, board.Now, board.Next, board.Later)
		return slices.ContainsFunc(rows, func(r cockpit.Row) bool {
			return r.What == cockpit.WhatResults && r.Page == cockpit.PageResults && r.Activity.ID == w.activity.ID
		})
	}
	w.Must(w.Advance(process.Activity{}, "listen", ""))
	if asked() {
		t.Error("asked while people answer")
	}
	for range 2 { // it closes, and settles
		w.At(rome(20))
	}
	if got := w.State(w.activity); got != "closed" || !asked() {
		t.Errorf("state %s, asked %v", got, asked())
	}
	w.Must(w.asks.PublishResults(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, questionnaire.Publication{Title: "Esiti", Body: "Testo"}))
	if asked() {
		t.Error("asked for what is public")
	}
}
