package definition_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// consultation is a definition that uses every key of the language.
func consultation(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "consultation.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func checked(t testing.TB, source string) *definition.Compiled {
	t.Helper()
	def, problems := definition.Check("f.yaml", []byte(source), kinds)
	if problems != nil {
		t.Fatal(problems)
	}
	return def
}

func TestTheWholeLanguageIsRead(t *testing.T) {
	t.Parallel()
	def := checked(t, consultation(t))
	if def.Law == nil || def.Law.Article != "art. 1" || !strings.HasPrefix(def.Summary["it"], "Un progetto") {
		t.Errorf("head: law %+v, summary %v", def.Law, def.Summary)
	}
	if len(def.Dates) != 2 || !def.Dates[0].Required || def.Dates[0].Law == nil || def.Dates[1].Code != "call-end" ||
		def.Dates[1].Days.Words("en") != "31 March or 30 September" {
		t.Errorf("dates %+v", def.Dates)
	}
	if len(def.Notices) != 1 || def.Notices[0].Code != "validation-requested" || !strings.Contains(def.Notices[0].Text["en"], "{due}") {
		t.Errorf("notices %+v", def.Notices)
	}
	s, _ := def.State("consultation")
	if s.Term.From != "date:call-start" || s.Term.OnHold != definition.HoldRun || s.Term.OnHoliday != definition.HolidayNext {
		t.Errorf("term %+v", s.Term)
	}
	if x := s.Term.Extend; x == nil || x.Max.Days != 30 || x.Times != 1 || !x.Act || x.Law.Article != "art. 4" {
		t.Errorf("extension %+v", x)
	}
	if len(s.Deadlines) != 4 || s.Deadlines[2].Before != (civil.Span{WorkDays: 5}) || !slices.Contains(s.Deadlines[2].Escalate, "administrator") {
		t.Errorf("deadlines %+v", s.Deadlines)
	}
	if len(s.OnExit) != 2 || s.OnExit[0].Close != "questionnaire" || len(s.Overdue) != 1 {
		t.Errorf("on exit %+v, overdue %+v", s.OnExit, s.Overdue)
	}
	if a := s.Activities[0]; a.AtEntry != definition.NeedReady || a.AtExit != definition.NeedOver {
		t.Errorf("need %+v", a)
	}
	decision, _ := def.State("decision")
	if len(decision.Overdue) != 2 || decision.Overdue[1].Escalate[0] != definition.AudienceAdministrator {
		t.Errorf("chain %+v", decision.Overdue)
	}
	preparation, _ := def.State("preparation")
	if preparation.Term.Until != "date:call-start" || preparation.Reminders[0].Notice != definition.NoticeAction {
		t.Errorf("preparation %+v, %+v", preparation.Term, preparation.Reminders)
	}
	reopen := def.Leaving("closed")
	if len(reopen) != 1 || !reopen[0].Reopens || !slices.Equal(reopen[0].Tell, []string{"followers", "contributors"}) {
		t.Errorf("out of the end: %+v", reopen)
	}
	if def.Transitions[2].Requires[0].Law == nil {
		t.Error("the law of a requirement is lost")
	}
}

func TestSignaturesNeeded(t *testing.T) {
	t.Parallel()
	s := checked(t, consultation(t)).Signatures
	for residents, want := range map[int]int{
		0: 0, -3: 0, 1: 1, 20: 1, 21: 2, 1000: 50, 1001: 51, 1100: 53, 5000: 170, 15000: 370, 30000: 520, 30001: 521, 30200: 521, 30201: 522, 366927: 2205,
	} {
		if got := s.Needed(residents); got != want {
			t.Errorf("%d residents need %d signatures, want %d", residents, got, want)
		}
	}
}

func TestEveryRuleOfTheLanguage(t *testing.T) {
	t.Parallel()
	source := consultation(t)
	for _, c := range []struct{ name, from, to, want string }{
		{"summary in one language", `, en: "A project, the remarks of those who live there, a reasoned answer"}`, "}", `summary has no text in "en"`},
		{"law of the whole", "law: {article: art. 1, source: L.R. 1/2020,", "law: {article: art. 1,", "law needs article, source and confidence"},
		{"unknown calendar", "calendar: italy", "calendar: spain", `calendar: unknown word "spain"`},
		{"working days without a calendar", "calendar: italy\n", "", "working days (5wd) need the definition's calendar"},
		{"holidays without a calendar", "calendar: italy\n", "", "on_holiday needs the definition's calendar"},
		{"unknown role", "guarantor, deciding-body]\ninitial", "guarantors, deciding-body]\ninitial", `unknown word "guarantors" (did you mean "guarantor"?)`},
		{"two dates of a code", "code: call-end", "code: call-start", `date "call-start" already stands on line`},
		{"date without title", "code: call-end, title: {it: Chiusura del bando, en: Closing of the call}", "code: call-end", "date has no title"},
		{"day that is none", `["03-31", "09-30"]`, `["31-03", "09-30"]`, `date: days: "31-03" is no day of the year: write it as 05-31, month first`},
		{"day that not every year has", `["03-31", "09-30"]`, `["02-29"]`, `"02-29" is no day of the year`},
		{"day named twice", `["03-31", "09-30"]`, `["03-31", "03-31"]`, `"03-31" is named twice`},
		{"dates of an activity", "level: process", "level: activity", "only a process has dates"},
		{"notice of a known name", "  validation-requested:", "  reminder:", "every definition knows a notice of that name"},
		{"notice that nobody sends", "notice: validation-requested", "notice: phase-opened", "nothing in the definition sends it"},
		{"notice that does not exist", "notice: validation-requested", "notice: validation-request", `unknown word "validation-request" (did you mean "validation-requested"?)`},
		{"notice with unknown date", "entro il {due}", "entro {date:call-ends}", "unknown placeholder {date:call-ends} (did you mean \"date:call-end\"?)"},
		{"notice with unknown placeholder", "entro il {due}", "entro il {duo}", "unknown placeholder {duo}"},
		{"notice without a subject", `    subject: {it: "{process}: chiesta la validazione", en: "{process}: validation requested"}` + "\n", "", "notice validation-requested has no `subject`"},
		{"bands that do not ascend", "up_to: 5000", "up_to: 500", "up_to 500 does not come after 1000"},
		{"bands with an upper edge", "{base: 520,", "{up_to: 90000, base: 520,", "the last band has no up_to"},
		{"band without a percentage", "{base: 520, percent: 0.5}", "{base: 520}", "has no `percent`"},
		{"band of more than all", "percent: 0.5", "percent: 500", `"500" is no percentage`},
		{"band of too many decimals", "percent: 0.5", "percent: 0.555", `"0.555" is no percentage`},
		{"unknown anchor", "of: entry", "of: begin", `unknown word "begin"`},
		{"anchor without a name", `of: "state:preparation"`, `of: "state:"`, `unknown word "state:"`},
		{"anchor with a name too many", "of: entry", `of: "entry:x"`, `unknown word "entry:x"`},
		{"anchor on no state", `"state:preparation"`, `"state:preparations"`, `"preparations" is no state (did you mean "preparation"?)`},
		{"anchor on a later state", `before: 5wd, of: "date:call-start"`, `after: 5wd, of: "state:closed"`, `state "closed" never comes before this one`},
		{"anchor on a state of another branch", `after: 30d, of: "state:preparation"`, `after: 30d, of: "state:cancelled"`, `state "cancelled" never comes before this one`},
		{"anchor before another state's entry", `after: 30d, of: "state:preparation"`, `before: 30d, of: "state:preparation"`, "cannot come before the entry"},
		{"anchor on no kind", `"activity:questionnaire"`, `"activity:questionnaires"`, `unknown word "questionnaires"`},
		{"anchor on no date", `from: "date:call-start"`, `from: "date:call-begin"`, `"call-begin" is no date of the definition`},
		{"anchor on no day", "day:2026-03-30", "day:2026-02-30", `"2026-02-30" is no date`},
		{"term until its entry", `{until: "date:call-start"}`, "{until: entry}", `unknown word "entry"`},
		{"term from a meeting", `from: "state:consultation"`, "from: meeting", `unknown word "meeting"`},
		{"term until with from", `{until: "date:call-start"}`, `{until: "date:call-start", from: entry}`, "until counts from nothing"},
		{"unknown hold", "on_hold: run", "on_hold: stop", `unknown word "stop"`},
		{"unknown holiday", "on_holiday: next", "on_holiday: before", `unknown word "before"`},
		{"extension that the state forbids", "invite, extend, shorten", "invite, shorten", "the state does not allow extend"},
		{"extension without bounds", "extend: {max: 30d, times: 1, act: true, law: {article: art. 4, source: L.R. 1/2020, confidence: R}}", "extend: {act: false}", "bounds nothing"},
		{"extension without a source", "{article: art. 4, source: L.R. 1/2020,", "{article: art. 4,", "needs article, source and confidence"},
		{"minimum of working days above the length", "min: 5wd", "min: 21wd", "min 21wd is above length 20wd"},
		{"deadline that does nothing", "after: 15d, of: entry, event: integrate,", "after: 15d, of: entry,", "does one thing"},
		{"deadline that does two things", "after: 15d, of: entry, event: integrate,", "after: 15d, of: entry, event: integrate, escalate: promoter,", "does one thing"},
		{"deadline that tells nobody", "notice: action-needed, to: promoter}\n      - {code: nudge", "notice: action-needed}\n      - {code: nudge", "does not say whom to tell"},
		{"deadline of no code", "{code: nudge, ", "{", "deadline has no code"},
		{"two deadlines of a code", "{code: nudge, ", "{code: account, ", `code "account" already stands on line`},
		{"deadline at no time", "after: 15d, of: entry,", "of: entry,", "needs either `before` or `after`"},
		{"deadline before and after", "after: 15d, of: entry,", "after: 15d, before: 1d, of: end,", "needs either `before` or `after`"},
		{"deadline before the entry", "after: 15d, of: entry,", "before: 15d, of: entry,", "cannot come before the entry"},
		{"deadline that never comes", "before: 5wd, of: end", "before: 45wd, of: end", ""},
		{"deadline without a transition", "event: integrate, law", "event: integrates, law", "no transition with that event leaves the state"},
		{"deadline of people", "by: [timer, guarantor]", "by: [guarantor]", "deadline integrations fires \"integrate\", but transition integrate is not by timer"},
		{"deadlines together", "of: \"day:2026-03-30\", event: open}", "of: \"day:2026-03-30\", event: open}\n      - {code: again, title: {it: A, en: A}, of: \"day:2026-03-30\", event: open}", "it fires together with deadline start"},
		{"deadline with the end", "after: 15d, of: entry, event: integrate", "after: 1d, of: end, event: integrate", "it fires together with at_end"},
		{"deadline as long as the term", "after: 15d, of: entry, event: integrate", `after: 30d, of: "date:call-start", event: integrate`, "it fires together with at_end"},
		{"timer without a deadline", "by: [deciding-body, system]", "by: [deciding-body, timer]", "no at_end or deadline of its states"},
		{"escalation out of order", "after: 10wd", "after: 2wd", "2wd does not come after 3wd"},
		{"leaving the end for good", "on_exit: [{notice: action-needed, to: promoter}], final: true", "final: true", ""},
		{"on_exit of an end", "cancelled: {title: {it: Annullato, en: Cancelled}, ", "cancelled: {title: {it: Annullato, en: Cancelled}, on_exit: [{notice: action-needed, to: promoter}], ", "on_exit never happens"},
		{"deadline of an end", "cancelled: {title: {it: Annullato, en: Cancelled}, ", "cancelled: {title: {it: Annullato, en: Cancelled}, deadlines: [{code: x, title: {it: x, en: x}, after: 1d, of: entry, escalate: promoter}], ", "can have no term, at_end, reminders, deadlines or overdue"},
		{"reopening nothing", "from: [closed], to: decision", "from: [consultation], to: decision", "it reopens nothing"},
		{"reopening into an end", "from: [closed], to: decision", "from: [closed], to: cancelled", `it reopens into "cancelled"`},
		{"reopening by a timer", "from: [closed], to: decision, by: [promoter]", "from: [closed], to: decision, by: [promoter, timer]", "a deadline cannot reopen"},
		{"telling without reopening", "by: [deciding-body, system]\n", "by: [deciding-body, system]\n    tell: followers\n", "`tell` goes with reopens"},
		{"leaving the end without reopening", ", reopens: true, tell: [followers, contributors]", "", `leaves "closed", which is final`},
		{"telling no audience", "tell: [followers,", "tell: [follower,", `unknown word "follower"`},
		{"law of a requirement", "law: {article: art. 6, source: L.R. 1/2020, confidence: R}", "law: {article: art. 6}", "needs article, source and confidence"},
		{"unknown need at the entry", "at_entry: ready", "at_entry: prepared", `unknown word "prepared"`},
		{"unknown need at the exit", "at_exit: over", "at_exit: closed", `unknown word "closed"`},
		{"reserved id", "id: integrate,", "id: suspend,", "the id is the engine's own"},
		{"reserved id of today", "id: integrate,", "id: change-phase,", "the id is the engine's own"},
		{"elapsed days are a number", "term.left_days >= 0", `term.left_days >= "0"`, ">= does not go between a whole number and a text"},
		{"process of no such fact", "process.state ==", "process.states ==", `there is no field "states" (did you mean "state"?)`},
		{"guard of a date that is not declared", `now >= process.dates["call-end"]`, `now >= process.dates["call-over"]`, `unknown date "call-over"`},
		{"guard of a state that is none", `process.state == "decision"`, `process.state == "decisions"`, `unknown state "decisions"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(source, c.from) {
				t.Fatalf("%q is not in the definition", c.from)
			}
			changed := strings.Replace(source, c.from, c.to, 1)
			def, problems := definition.Check("f.yaml", []byte(changed), kinds)
			if c.want == "" {
				if problems != nil {
					t.Fatalf("unexpected problems: %v", problems)
				}
				return
			}
			if def != nil || !strings.Contains(problems.Error(), c.want) {
				t.Errorf("%q is missing in\n%v", c.want, problems)
			}
			for _, p := range problems {
				inItalian(t, p)
			}
		})
	}
}

// What is wrong with a key of the head is said on its line, and once.
func TestTheHeadHasItsLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to, want string
	}{
		{"initial: preparation", "initial: preparing", "initial state"},
		{"initial: preparation", "initial: closed", "is final"},
		{"timezone: Europe/Rome", "timezone: Europe/Roma", "timezone"},
		{"version: 2", "version: two", "version"},
		{"version: 2", "version: 0", "version"},
		{"version: 2", "version:", "version"},
		{"title: {it: Consultazione, en: Consultation}\nsummary", "title:\nsummary", "title"},
	} {
		source := strings.Replace(consultation(t), c.from, c.to, 1)
		_, problems := definition.Check("f.yaml", []byte(source), kinds)
		line := strings.Count(source[:strings.Index(source, strings.SplitN(c.to, "\n", 2)[0])], "\n") + 1
		var of []string
		for _, p := range problems {
			if p.Line <= line {
				of = append(of, p.String())
			}
		}
		if len(of) != 1 || problems[0].Line != line || !strings.Contains(of[0], c.want) {
			t.Errorf("%s: line %d: %q", c.to, line, of)
		}
	}
}

// A day that leaves out the first on which it may fall after another is told, none that
// does not follow it, has any day to fall on, or is not known.
func TestSkipping(t *testing.T) {
	t.Parallel()
	def := checked(t, consultation(t))
	at := func(y, m, d int) time.Time {
		return civil.Date{Year: y, Month: time.Month(m), Day: d}.Start(def.Location)
	}
	for name, x := range map[string]struct {
		start, end time.Time
		want       string
	}{
		"the first":            {at(2027, 3, 30), at(2027, 3, 31), ""},
		"the next window":      {at(2027, 3, 30), at(2027, 9, 30), "31 March 2027"},
		"not on the same day":  {at(2027, 3, 31), at(2027, 9, 30), ""},
		"over the new year":    {at(2027, 11, 2), at(2028, 3, 31), ""},
		"a year later":         {at(2027, 3, 30), at(2028, 3, 31), "31 March 2027"},
		"before":               {at(2027, 11, 2), at(2027, 9, 30), ""},
		"the other is unknown": {time.Time{}, at(2027, 9, 30), ""},
		"itself is unknown":    {at(2027, 3, 30), time.Time{}, ""},
	} {
		got := ""
		for _, s := range def.Skipping(map[string]time.Time{"call-start": x.start, "call-end": x.end}) {
			got += s.First.Words("en")
		}
		if got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
	free := checked(t, strings.Replace(consultation(t), `days: ["03-31", "09-30"], `, "", 1))
	if got := free.Skipping(map[string]time.Time{"call-start": at(2027, 3, 30), "call-end": at(2028, 3, 31)}); len(got) != 0 {
		t.Errorf("a date of any day: %+v", got)
	}
}
