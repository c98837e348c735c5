// Package ledger shows those who work on a process what became of its notices, and
// lets what did not arrive be tried again. The rows are notify's; this package reads
// them together with what only the domain knows.
//
// Methods that only read expect the route to have asked the policy; those that
// change something ask it under the lock of the process.
package ledger

import (
	"slices"

	"arengo/notify"
	"arengo/process"
)

// Service holds the use cases of the ledger.
type Service struct{ core *process.Service }

// New makes the ledger of a process service.
func New(core *process.Service) *Service { return &Service{core} }

// Group is where deliveries stand, as people ask for it.
type Group string

// The groups. Each status belongs to exactly one.
const (
	Arrived  Group = "arrived"  // handed over, and never came back
	Waiting  Group = "waiting"  // still to be sent
	Returned Group = "returned" // tried, and did not arrive
	Withheld Group = "withheld" // not sent, on purpose or because it was too late
)

// Groups are all groups, in the order of a summary.
var Groups = []Group{Arrived, Waiting, Returned, Withheld}

var statuses = map[Group][]notify.Status{
	Arrived:  {notify.Sent, notify.Complained},
	Waiting:  {notify.Queued, notify.Sending, notify.Deferred},
	Returned: {notify.Bounced, notify.Failed},
	Withheld: {notify.Suppressed, notify.Expired},
}

// Statuses are those of a group, in the order of a filter.
func (g Group) Statuses() []notify.Status { return slices.Clone(statuses[g]) }

// Missing asks for all that did not arrive so far: "who did not get it?"
const Missing = "missing"

// Chosen are the statuses that a word of a filter asks for: Missing, a group or a
// status. It is nil, which is all of them, for any other word.
func Chosen(word string) []notify.Status {
	if word == Missing {
		return slices.Concat(statuses[Waiting], statuses[Returned], statuses[Withheld])
	}
	if of, ok := statuses[Group(word)]; ok {
		return slices.Clone(of)
	}
	for _, g := range Groups {
		if slices.Contains(statuses[g], notify.Status(word)) {
			return []notify.Status{notify.Status(word)}
		}
	}
	return nil
}

// Counts are numbers of deliveries by status.
type Counts map[notify.Status]int

// Of is the number in a group.
func (c Counts) Of(g Group) int { return c.in(statuses[g]) }

// Total is the number of all.
func (c Counts) Total() int {
	n := 0
	for _, count := range c {
		n += count
	}
	return n
}

// in is the number with one of the statuses, all when there are none named.
func (c Counts) in(chosen []notify.Status) int {
	if len(chosen) == 0 {
		return c.Total()
	}
	n := 0
	for _, s := range chosen {
		n += c[s]
	}
	return n
}
