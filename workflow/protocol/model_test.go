package protocol_test

// The instants of the model: a questionnaire ends at firstEnd, and at laterEnd
// once somebody extended it.
const (
	firstEnd = 1
	laterEnd = 2
	endTime  = 3
)

// step is where a worker stands between two of its transactions.
type step uint8

const (
	idle   step = iota
	firing      // holds a deadline's task
	acting      // decided, not yet carried out: only a mutated worker gets here
	noting      // carried out, the notice still to be written: only a mutated one
	acking      // carried out, the queue not told yet
	holds       // holds a claimed delivery
	sentIt      // the relay took the message, the ledger does not know
)

type worker struct {
	step step
	gen  uint8 // of the task in hand
}

// status of the delivery; absent until the notice is expanded.
type status uint8

const (
	absent status = iota
	pending
	claimed
	delivered
)

const nobody = 255

// state is everything that survives a step, and what a reader from outside
// would have seen (the ghosts at the end). It is comparable.
type state struct {
	now     uint8
	due     uint8 // of the deadline's row
	gen     uint8
	fired   bool
	open    bool
	notice  bool
	tasks   [3]uint8 // in the queue, by generation
	planned [3]bool  // handed to the queue once; it may refuse the same task again
	workers [2]worker
	mail    status
	holder  uint8 // of the delivery's lease, nobody when that ran out

	crashes, flushes, repeats, pauses uint8 // faults that happened

	acked   uint8 // the end that people were promised last
	fires   uint8
	sent    uint8 // how often the relay took the message
	excuses uint8 // faults after which a second copy is fair
	turned  bool  // somebody was turned away because the time was over
	broken  promise
}

// promise is one that was broken, "" as long as none is.
type promise string

const (
	promiseOnce     promise = "the event was carried out twice"
	promiseEnd      promise = "it closed before the end that was acknowledged"
	promiseInput    promise = "an answer was taken after the end"
	promiseOneWord  promise = "one was turned away, and then it was extended"
	promiseCopies   promise = "a second message without a fault that excuses it"
	promiseTruth    promise = "the ledger says sent, and nobody sent it"
	promiseCause    promise = "a message about something that did not happen"
	promiseTogether promise = "it closed and no notice stands beside it"
)

func begin() state {
	return state{due: firstEnd, gen: 1, open: true, holder: nobody, acked: firstEnd}
}

// goal is where everything must be able to get to, whatever went wrong.
func (s state) goal() bool { return !s.open && s.fired && s.mail == delivered }

// check names a promise that the state itself breaks.
func (s state) check() promise {
	switch {
	case s.broken != "":
		return s.broken
	case s.fires > 1:
		return promiseOnce
	case s.sent > 1+s.excuses:
		return promiseCopies
	case s.mail == delivered && s.sent == 0:
		return promiseTruth
	case s.sent > 0 && s.open:
		return promiseCause
	case !s.open && !s.notice:
		return promiseTogether
	}
	return ""
}

// mutation is one mistake, built into the model to see that it is found.
type mutation string

const (
	none            mutation = ""
	trustTask       mutation = "the worker believes the task and not the row"
	trustQueue      mutation = "the worker does not look at the clock"
	noClaim         mutation = "the deadline is not marked as fired"
	checkThenAct    mutation = "the decision and the act are two transactions"
	noSweep         mutation = "nobody looks for what is due and not done"
	noticeLater     mutation = "the notice is written after the commit"
	sentWhenClaimed mutation = "a delivery is marked sent when it is claimed"
	leaseForever    mutation = "a claim never runs out"
	stateOnly       mutation = "answers are taken while the state is open"
	extendAfterEnd  mutation = "an extension looks at the state and not at the clock"
)

// model is the protocol, right or with one mistake.
type model struct{ mutation }

func (m model) is(x mutation) bool { return m.mutation == x }

// edge is one thing that may happen next. A fault is never needed to get on.
type edge struct {
	name  string
	fault bool
	to    state
}

// next lists everything that may happen in a state.
func (m model) next(s state) []edge {
	var out []edge
	can := func(name string, fault bool, change func(*state)) {
		t := s
		change(&t)
		if t != s {
			out = append(out, edge{name, fault, t})
		}
	}
	if s.now < endTime {
		can("time passes", false, func(t *state) { t.now++ })
	}
	can("answer", false, m.answer)
	can("extend", false, m.extend)
	if !s.fired && !s.planned[s.gen] {
		can("schedule", false, func(t *state) { t.planned[t.gen] = true; t.tasks[t.gen]++ })
	}
	if s.notice && s.mail == absent {
		can("expand", false, func(t *state) { t.mail = pending })
	}
	for i := range s.workers {
		m.work(s, uint8(i), can)
	}
	if s.flushes < 1 && s.tasks != [3]uint8{} {
		can("flush", true, func(t *state) { t.flushes++; t.tasks = [3]uint8{} })
	}
	return out
}

// answer is a participant who presses send: state and clock decide.
func (m model) answer(t *state) {
	if t.open && (m.is(stateOnly) || t.now < t.due) {
		if t.now >= t.acked {
			t.broken = promiseInput
		}
		return
	}
	t.turned = true
}

// extend is a facilitator who moves the end, once. After the end by the clock
// it is too late, although no worker may have come by.
func (m model) extend(t *state) {
	if !t.open || t.due == laterEnd || (t.now >= t.due && !m.is(extendAfterEnd)) {
		return
	}
	if t.turned {
		t.broken = promiseOneWord
	}
	t.gen, t.due, t.fired, t.acked = t.gen+1, laterEnd, false, laterEnd
}

// work lists what one worker may do or suffer.
func (m model) work(s state, i uint8, can func(string, bool, func(*state))) {
	w := s.workers[i]
	name := func(act string) string { return act + " by " + string('A'+rune(i)) }
	switch w.step {
	case idle:
		for g := range s.tasks {
			if s.tasks[g] > 0 { // at any time: the queue may be early
				can(name("take task"), false, func(t *state) { t.tasks[g]--; t.workers[i] = worker{firing, uint8(g)} })
			}
		}
		if !m.is(noSweep) && !s.fired && s.now >= s.due {
			can(name("sweep"), false, func(t *state) { t.workers[i].gen = t.gen; m.fire(t, i) })
		}
		if s.mail == pending || (s.mail == claimed && s.holder == nobody && !m.is(leaseForever)) {
			can(name("claim"), false, func(t *state) { m.claim(t, i) })
		}
	case firing:
		can(name("fire"), false, func(t *state) { m.fire(t, i) })
		if s.repeats < 1 {
			can(name("queue repeats the task of"), true, func(t *state) { t.repeats++; t.tasks[w.gen]++ })
		}
	case acting:
		can(name("act"), false, func(t *state) { m.carryOut(t, i) })
	case noting:
		can(name("note"), false, func(t *state) { t.notice = true; t.workers[i].step = acking })
	case acking:
		can(name("acknowledge"), false, func(t *state) { t.workers[i] = worker{} })
	case holds:
		can(name("send"), false, func(t *state) { t.sent++; t.workers[i].step = sentIt })
	case sentIt:
		can(name("record"), false, func(t *state) { t.record(i) })
	}
	if (w.step == holds || w.step == sentIt) && s.holder == i && s.pauses < 1 {
		// A worker that stands still longer than its lease and goes on after.
		can(name("lease runs out of"), true, func(t *state) { t.pauses++; t.excuses++; t.holder = nobody })
	}
	if w.step != idle && s.crashes < 2 {
		can(name("crash"), true, func(t *state) { t.crash(i) })
	}
}

// fire is the transaction of a deadline: under the lock the row and the clock
// decide, and what is not due or not current any more is left alone.
func (m model) fire(t *state, i uint8) {
	w := &t.workers[i]
	due, current := t.due, w.gen == t.gen && (!t.fired || m.is(noClaim))
	if m.is(trustTask) {
		due, current = [3]uint8{0, firstEnd, laterEnd}[w.gen], !t.fired
	}
	switch {
	case !current:
		w.step = acking
	case t.now < due && !m.is(trustQueue):
		t.tasks[w.gen]++ // early: later once more
		*w = worker{}
	case m.is(checkThenAct):
		w.step = acting
	default:
		m.carryOut(t, i)
	}
}

func (m model) carryOut(t *state, i uint8) {
	if t.now < t.acked {
		t.broken = promiseEnd
	}
	t.fired, t.open = true, false
	t.fires++
	if m.is(noticeLater) {
		t.workers[i].step = noting
		return
	}
	t.notice = true
	t.workers[i].step = acking
}

func (m model) claim(t *state, i uint8) {
	t.mail, t.holder = claimed, i
	t.workers[i] = worker{step: holds}
	if m.is(sentWhenClaimed) {
		t.mail, t.holder = delivered, nobody
	}
}

// record writes the relay's answer into the ledger, as long as the delivery is
// still this worker's.
func (s *state) record(i uint8) {
	if s.mail == claimed && s.holder == i {
		s.mail, s.holder = delivered, nobody
	}
	s.workers[i] = worker{}
}

// crash ends a worker at any point: the queue gives its task to another, its
// lease runs out, and what the relay took is not in the ledger.
func (s *state) crash(i uint8) {
	w := s.workers[i]
	s.crashes++
	switch w.step {
	case firing, acting, noting, acking:
		s.tasks[w.gen]++
	case sentIt:
		s.excuses++
	case holds, idle:
	}
	if s.holder == i {
		s.holder = nobody
	}
	s.workers[i] = worker{}
}
