package definition

import (
	"slices"
	"time"

	"arengo/workflow/strict"
)

// Check reads a definition and reports every problem of the file at once, by
// line. kinds are the activity kinds that exist; nil accepts any. The compiled
// definition is nil when there are problems.
func Check(file string, source []byte, kinds []string) (*Compiled, Problems) {
	return compiled(check(file, source, kinds, true))
}

// Read is Check for what is published already: only what keeps a definition from
// running is a problem, not what its author would be warned of today.
func Read(file string, source []byte, kinds []string) (*Compiled, Problems) {
	return compiled(check(file, source, kinds, false))
}

func compiled(c *Compiled, problems Problems) (*Compiled, Problems) {
	if problems != nil {
		return nil, problems
	}
	return c, nil
}

// Draft is Check for what is still being written: it gives what could be read of
// the file, its problems or not. Only Check gives what may run.
func Draft(file string, source []byte, kinds []string) (Definition, Problems) {
	c, problems := check(file, source, kinds, true)
	return c.Definition, problems
}

// check always gives a definition, which is empty when the file cannot be read.
// whole asks for what may go wrong later as well, of what is right so far, and for
// what published definitions did not have to keep to.
func check(file string, source []byte, kinds []string, whole bool) (*Compiled, Problems) {
	r := &reader{Reader: strict.New(file), kinds: kinds, lines: map[string]int{}, notices: slices.Clone(Notices), whole: whole}
	root := r.Root(source)
	if root == nil {
		return newCompiled(Definition{}, source), r.Problems()
	}
	d := r.definition(root)
	if whole && !r.small(d) {
		return newCompiled(Definition{}, source), r.Problems()
	}
	c := newCompiled(d, source)
	c.imply()
	k := &checker{reader: r, def: c, announced: map[string]bool{}}
	k.head()
	k.dates()
	k.signatures()
	k.states()
	k.transitions()
	k.ownNotices()
	sound := k.sound()
	k.graph()
	if whole {
		k.doubts(sound)
	}
	c.need()
	return c, r.Problems()
}

// What a definition may hold at most: pages list all of it, and several checks
// look at each state beside each other. The largest template has a quarter.
const (
	mostStates      = 60
	mostTransitions = 240
	mostActivities  = 100 // that its states ask for in all
	mostSessions    = 50  // of one activity
)

// small asks that a definition can be read, and lived through, by people.
func (r *reader) small(d Definition) bool {
	if n := len(d.States); n > mostStates {
		r.Bad(r.at("states"), "definition: it has %d states, at most %d may be: leave small steps to activities", n, mostStates)
	}
	if n := len(d.Transitions); n > mostTransitions {
		r.Bad(r.at("transitions"), "definition: it has %d transitions, at most %d may be", n, mostTransitions)
	}
	asked, before := 0, len(r.Problems())
	for _, s := range d.States {
		for _, a := range s.Activities {
			if a.Sessions > mostSessions {
				r.Bad(a.Line, "state %s: an activity has %d sessions at most", s.Name, mostSessions)
			}
			if asked += max(1, a.Min); asked > mostActivities && asked-max(1, a.Min) <= mostActivities {
				r.Bad(a.Line, "state %s: a process asks for %d activities at most", s.Name, mostActivities)
			}
		}
	}
	return len(d.States) <= mostStates && len(d.Transitions) <= mostTransitions && len(r.Problems()) == before
}

// checker holds the rules that need more than one place of the file.
type checker struct {
	*reader
	def       *Compiled
	announced map[string]bool // notices that something sends
}

func (k *checker) head() {
	d := k.def
	for key, missing := range map[string]bool{
		"workflow": d.Name == "", "version": d.Version == 0, "title": d.Title == nil, "timezone": d.Zone == "",
		"roles": len(d.Roles) == 0, "initial": d.Initial == "", "states": len(d.States) == 0,
		"transitions": len(d.Transitions) == 0,
	} {
		if missing && !(k.lines[key] > 0 && k.Noted(k.lines[key])) {
			k.Bad(k.at(key), "definition: `%s` is missing or zero", key)
		}
	}
	zone, err := time.LoadLocation(d.Zone)
	if err != nil || d.Zone == "Local" {
		k.Bad(k.at("timezone"), "definition: timezone %q is unknown: write a name such as Europe/Rome", d.Zone)
		zone = time.UTC
	}
	d.Location = zone
	if s, ok := d.states[d.Initial]; d.Initial != "" && !ok {
		k.Bad(k.at("initial"), "definition: initial state %q does not exist%s", d.Initial, strict.Suggest(d.Initial, d.names()))
	} else if ok && s.Final {
		k.Bad(k.at("initial"), "definition: the initial state %q is final", d.Initial)
	}
}

// follows reports a date that is to come after itself, by way of others or not.
func (k *checker) follows(d Date) bool {
	after := map[string]string{}
	for _, x := range k.def.Dates {
		after[x.Code] = x.After
	}
	at := d.After
	for range k.def.Dates {
		if at == d.Code {
			return true
		}
		at = after[at]
	}
	return false
}

func (k *checker) dates() {
	codes := map[string]int{}
	for _, d := range k.def.Dates {
		if first, twice := codes[d.Code]; twice && d.Code != "" {
			k.Bad(d.Line, "date %q already stands on line %d", d.Code, first)
		}
		codes[d.Code] = d.Line
	}
	for _, d := range k.def.Dates {
		what := strict.Say("date").At("after")
		switch _, known := codes[d.After]; {
		case d.After == "":
		case !known:
			k.Bad(d.Line, "%s: %q is no date of the definition%s", what, d.After, strict.Suggest(d.After, k.def.codes()))
		case k.follows(d):
			k.Bad(d.Line, "%s: %q would come after itself", what, d.Code)
		}
	}
	if len(codes) > 0 && k.def.Level == LevelActivity {
		k.Bad(k.at("dates"), "definition: only a process has dates of its own")
	}
}

// signatures asks that the bands ascend and that the last has no upper edge.
func (k *checker) signatures() {
	s := k.def.Signatures
	if s == nil {
		return
	}
	below := 0
	for i, b := range s.Bands {
		last := i == len(s.Bands)-1
		switch {
		case last && b.UpTo != 0:
			k.Bad(b.Line, "signatures: the last band has no up_to, so that it holds for every number of residents")
		case !last && b.UpTo <= below:
			k.Bad(b.Line, "signatures: the bands must ascend: up_to %d does not come after %d", b.UpTo, below)
		}
		below = b.UpTo
	}
}

// ownNotices looks for notices that nobody sends and for placeholders that
// nothing fills.
func (k *checker) ownNotices() {
	known := slices.Clone(NoticePlaceholders)
	for _, d := range k.def.Dates {
		known = append(known, AnchorDate+":"+d.Code)
	}
	for _, n := range k.def.Notices {
		what := strict.Say("notice %s", n.Code)
		if !k.announced[n.Code] {
			k.Bad(n.Line, "%s: nothing in the definition sends it", what)
		}
		for _, text := range []Text{n.Subject, n.Text} {
			for _, locale := range Locales {
				for _, m := range placeholder.FindAllStringSubmatch(text[locale], -1) {
					if !slices.Contains(known, m[1]) {
						k.Bad(n.Line, "%s: unknown placeholder {%s}%s", what, m[1], strict.Suggest(m[1], known))
					}
				}
			}
		}
	}
}

func (k *checker) states() {
	codes := map[string]int{}
	for i := range k.def.States {
		s := &k.def.States[i]
		if s.Title == nil {
			k.Bad(s.Line, "state %s has no title", s.Name)
		}
		for _, a := range s.Artefacts {
			if first, twice := codes[a.Code]; twice && a.Code != "" {
				k.Bad(a.Line, "state %s: artefact %q already stands on line %d", s.Name, a.Code, first)
			}
			codes[a.Code] = a.Line
			k.audience(a.Line, strict.Say("state %s: artefact %q", s.Name, a.Code), a.By)
		}
		for _, a := range append(slices.Clone(s.OnEnter), s.OnExit...) {
			k.action(strict.Say("state %s", s.Name), a)
		}
		k.term(s)
		k.ends(s)
		k.reminders(s)
		k.deadlines(s)
	}
}

func (k *checker) action(what strict.Phrase, a Action) {
	k.audience(a.Line, what, a.To)
	k.announces(a.Line, what, a.Notice)
	if a.Fire != "" && k.def.Level == LevelProcess {
		k.Bad(a.Line, "%s: fire reaches the owning process, so only an activity may use it", what)
	}
	if (a.Open != "" || a.Close != "") && k.def.Level == LevelActivity {
		k.Bad(a.Line, "%s: only a process opens or closes activities", what)
	}
}

// announces notes a notice that something sends, which in a process must not need
// an activity. What was published when that was let pass runs on.
func (k *checker) announces(line int, what strict.Phrase, notice string) {
	k.announced[notice] = true
	if k.whole && k.def.Level == LevelProcess && slices.Contains(ActivityNotices, notice) {
		k.Bad(line, "%s: notice %q speaks of an activity, so only an activity may send it", what, notice)
	}
}

// audience asks that a role is one that this definition declares.
func (k *checker) audience(line int, what strict.Phrase, words []string) {
	for _, w := range words {
		if slices.Contains(Roles, w) && !slices.Contains(k.def.Roles, w) {
			k.Bad(line, "%s: role %q is not among the definition's roles", what, w)
		}
	}
}
