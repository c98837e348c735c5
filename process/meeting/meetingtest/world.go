// Package meetingtest sets up a running process for the tests of gatherings.
package meetingtest

import (
	"testing"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/worldtest"
)

// Start is where the clock of a new world stands.
var Start = worldtest.Start

// World is a process with its people and its meetings.
type World struct {
	*worldtest.World

	Meetings *meeting.Service
}

// New sets a world up with the kinds.
func New(t testing.TB, kinds ...process.Kind) *World {
	t.Helper()
	w := worldtest.New(t, kinds...)
	return &World{World: w, Meetings: meeting.New(w.Core)}
}

// Activity adds an activity of a kind, in its initial state.
func (w *World) Activity(kind string) process.Activity {
	w.T.Helper()
	return w.NewActivity(kind, "running", "Incontro di apertura")
}
