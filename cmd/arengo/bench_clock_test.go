package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/processtest"
	"arengo/workflow/rehearse"
)

// swift is paced without a word to anybody: what is measured is the clock, and
// not the post.
var swift = strings.NewReplacer("workflow: paced", "workflow: swift", ", on_enter: [{notice: phase-opened, to: promoter}]", "").Replace(paced)

const (
	simultaneous = 10_000 // deadlines due in the same second
	sample       = 400    // deadlines for a point of the curve
	turning      = 6000   // transitions a round, of each side
	fillers      = 1 << 40
	twoYears     = "terms: {preparation: 90d, exploration: 60d, analysis: 150d, governance: 130d, codesign: 150d, report: 150d}\n"
	tenThousand  = "stratum,people,rate\n18-34,3000,0.15\n35-64,4500,0.3\n65+,2500,0.45\n"
)

// clockwork is a database of its own for what the clock costs.
type clockwork struct {
	*world
	b *testing.B
}

// BenchmarkClock measures deadlines and transitions, and prints lines for the
// table of docs/performance.md. Run it by `make bench`.
func BenchmarkClock(b *testing.B) {
	w := worldOn(b, processtest.DatabaseURL(b), processtest.RedisServer(b, true), swift)
	w.db.SetMaxOpenConns(clients + 4)
	w.enter()
	c := &clockwork{w, b}
	t := &table{b: b}
	c.measureTransitions(t)
	c.measureCurve(t)
	c.measureCrowd(t)
	c.measureRehearsal(t)
	t.print("")
}

// many begins n processes by eight clients.
func (c *clockwork) many(n int) []process.Process {
	c.b.Helper()
	out := make([]process.Process, n)
	var next atomic.Int64
	c.eight(func(int) {
		for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
			out[i] = c.begin("swift")
		}
	})
	if c.b.Failed() {
		c.b.FailNow()
	}
	return out
}

func (c *clockwork) eight(do func(client int)) time.Duration {
	var all sync.WaitGroup
	begun := time.Now()
	for i := range clients {
		all.Go(func() { do(i) })
	}
	all.Wait()
	return time.Since(begun)
}

// fall lets the terms of processes end some time from now.
func (c *clockwork) fall(list []process.Process, in time.Duration) time.Time {
	c.b.Helper()
	at := time.Now().Add(in)
	c.exec(`WITH d AS (UPDATE deadline SET due_at = ?0 WHERE process_id BETWEEN ?1 AND ?2 AND fired_at IS NULL AND cancelled_at IS NULL RETURNING process_id)
		UPDATE workflow_instance i SET due_at = ?0 FROM d WHERE i.process_id = d.process_id`, at, lowest(list), highest(list))
	return at
}

// finished counts the processes of a list that the timer ended, and the times
// that it did.
func (c *clockwork) finished(list []process.Process) (ended, times int) {
	c.b.Helper()
	c.must(c.db.NewRaw(`SELECT count(DISTINCT process_id), count(*) FROM transition_log WHERE transition = 'finish' AND process_id BETWEEN ? AND ?`,
		lowest(list), highest(list)).Scan(c.b.Context(), &ended, &times))
	return ended, times
}

// measureCrowd lets ten thousand deadlines fall due in one second before one
// worker.
func (c *clockwork) measureCrowd(t *table) {
	c.b.Helper()
	list := c.many(simultaneous)
	c.exec("VACUUM ANALYZE")
	worker := start(c.b, c.env, "work")
	at := c.fall(list, 20*time.Second)
	for ended := 0; ended < len(list); {
		if time.Since(at) > 5*time.Minute {
			c.b.Fatalf("%d of %d fired", ended, len(list))
		}
		<-time.After(200 * time.Millisecond)
		ended, _ = c.finished(list)
	}
	took := time.Since(at)
	worker.stop()
	if _, times := c.finished(list); times != len(list) {
		c.b.Errorf("%d deadlines fired %d times", len(list), times)
	}
	t.line(fmt.Sprintf("%d deadlines due in the same second, one worker: until the last has moved its process", len(list)),
		fmt.Sprintf("**%.1f s**, none twice", took.Seconds()), "", "< 30 s")
}

// measureRehearsal plays the area path with ten thousand people over two years,
// by the command and from its start.
func (c *clockwork) measureRehearsal(t *table) {
	c.b.Helper()
	path, err := binary()
	c.must(err)
	args := []string{
		"rehearse", filepath.Join("..", "..", "fixtures", "templates", "area-path.yaml"), "--start", "2026-03-24", "--json",
		"--population", inFile(c.b, "people.csv", tenThousand), "--scenario", inFile(c.b, "years.yaml", twoYears),
	}
	var took series
	for range rounds {
		begun := time.Now()
		out, err := exec.CommandContext(c.b.Context(), path, args...).Output()
		took = append(took, time.Since(begun).Seconds())
		c.must(err)
		var r rehearse.Report
		c.must(json.Unmarshal(out, &r))
		if !r.End.Reached || r.End.Days < 700 || r.People != 10_000 {
			c.b.Fatalf("reached %v after %d days, %d people", r.End.Reached, r.End.Days, r.People)
		}
	}
	t.line("Rehearsing the area path with 10000 people over two years, the whole command", fmt.Sprintf("**%.2f s** (%s)", took.median(), took.spread("%.2f")), "", "< 5 s")
}

// measureCurve arms and fires a sample while a thousand, ten thousand and a
// hundred thousand other deadlines are armed.
func (c *clockwork) measureCurve(t *table) {
	c.b.Helper()
	var arm, fire, idle []string
	for _, n := range []int{1000, 10_000, 100_000} {
		c.fill(n)
		begun := time.Now()
		list := c.many(sample)
		arm = append(arm, perItem(time.Since(begun), sample))
		c.fall(list, 0)
		begun = time.Now()
		fired, err := c.core.Sweep(c.b.Context())
		c.must(err)
		fire = append(fire, perItem(time.Since(begun), sample))
		if ended, times := c.finished(list); fired != sample || ended != sample || times != sample {
			c.b.Errorf("%d swept, %d ended, %d times", fired, ended, times)
		}
		begun = time.Now()
		for range 100 {
			_, err := c.core.Sweep(c.b.Context())
			c.must(err)
		}
		idle = append(idle, perItem(time.Since(begun), 100))
	}
	t.line("Beside 1000, 10000 and 100000 armed deadlines: beginning a process with one more, 8 clients, each", strings.Join(arm, ", "), "", "flat")
	t.line("… firing one by a sweep, which moves 4 processes at once", strings.Join(fire, ", "), "", "flat")
	t.line("… a sweep that finds nothing", strings.Join(idle, ", "), "", "flat")
}

func perItem(d time.Duration, n int) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)/float64(n))
}

// fill arms deadlines, up to n in all, of processes that nothing else knows.
func (c *clockwork) fill(n int) {
	c.b.Helper()
	have := c.count("SELECT count(*) FROM deadline WHERE process_id >= ?", fillers)
	c.exec(`INSERT INTO workflow_instance SELECT (jsonb_populate_record(i, jsonb_build_object('process_id', ?0 + n))).*
		FROM workflow_instance i, generate_series(?1::bigint, ?2) n WHERE i.process_id = (SELECT min(process_id) FROM workflow_instance)`, fillers, have+1, n)
	c.exec(`INSERT INTO deadline (process_id, activity_id, entry, name, generation, wall_time, zone, due_at, action, event, notice, audience, cancelled_why)
		SELECT ?0 + n, 0, 1, 'end', 1, now() + interval '30 days', 'Europe/Rome', now() + interval '30 days' + n * interval '1 second', 'event', 'finish', '', '', ''
		FROM generate_series(?1::bigint, ?2) n`, fillers, have+1, n)
	c.exec("VACUUM ANALYZE")
}

// measureTransitions turns processes to and fro by eight clients, on processes
// of their own and on a single one, and writes the same rows by pgbench.
func (c *clockwork) measureTransitions(t *table) {
	c.b.Helper()
	ours, theirs := c.many(clients), c.many(clients)
	script := c.script(theirs[0])
	var apart, hot, alone, yard series
	c.alike(func() { c.turnAll(ours, clients) }, func() { c.pgbench(script, lowest(theirs), 0) })
	for round := range rounds {
		apart = append(apart, c.turnAll(ours, clients))
		yard = append(yard, c.pgbench(script, lowest(theirs), round+1)) // the first was the comparison
		hot = append(hot, c.turnAll(ours[:1], clients))
		alone = append(alone, c.turnAll(ours[:1], 1))
	}
	t.line(fmt.Sprintf("Transitions a second, %d clients, each on a process of its own", clients),
		fmt.Sprintf("%.0f (%s)", apart.median(), apart.spread("%.0f")),
		fmt.Sprintf("pgbench, same rows: %.0f (%s); ratio **%.0f %%**", yard.median(), yard.spread("%.0f"), 100*apart.over(yard)), "≥ 60 %")
	t.line(fmt.Sprintf("… %d clients on one process", clients), fmt.Sprintf("%.0f (%s)", hot.median(), hot.spread("%.0f")),
		fmt.Sprintf("one client on it: %.0f (%s); ratio **%.0f %%**", alone.median(), alone.spread("%.0f"), 100*hot.over(alone)), "no collapse")
}

// alike compares the rows that two sides write into each table, and warms both up.
func (c *clockwork) alike(ours, theirs func()) {
	c.b.Helper()
	rows := func(do func()) string {
		before := c.written()
		do()
		var out []string
		for table, n := range c.written() {
			// Sessions report late: some rows are counted on the other side.
			if n = (n - before[table] + turning/2) / turning; n > 0 {
				out = append(out, fmt.Sprintf("%s %d", table, n))
			}
		}
		slices.Sort(out)
		return strings.Join(out, ", ")
	}
	mine, yours := rows(ours), rows(theirs)
	if mine != yours {
		c.b.Fatalf("rows for each transition: %s; pgbench writes %s", mine, yours)
	}
}

// written counts the rows that were ever written into each table.
func (c *clockwork) written() map[string]int64 {
	c.b.Helper()
	<-time.After(12 * time.Second) // a session counts what it wrote in its last second when it has been idle for ten
	var list []struct {
		Relname string
		N       int64
	}
	c.must(c.db.NewRaw("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS n FROM pg_stat_user_tables").Scan(c.b.Context(), &list))
	out := map[string]int64{}
	for _, t := range list {
		out[t.Relname] = t.N
	}
	return out
}

// turnAll gives the transitions a second of n clients, who share the processes.
func (c *clockwork) turnAll(list []process.Process, n int) float64 {
	c.b.Helper()
	const each = turning / clients
	var all sync.WaitGroup
	begun := time.Now()
	for i := range n {
		all.Go(func() {
			for range each {
				if _, err := c.core.Advance(c.b.Context(), list[i%len(list)].ID, c.who, process.Move{Event: "turn"}); err != nil {
					c.b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return float64(n*each) / time.Since(begun).Seconds()
}

// script writes what a transition writes, in one transaction of seven
// statements, each client for a process of its own.
func (c *clockwork) script(like process.Process) string {
	c.b.Helper()
	var facts string
	c.must(c.db.NewRaw("SELECT facts::text FROM transition_log WHERE process_id = ? AND seq = 1", like.ID).Scan(c.b.Context(), &facts))
	return inFile(c.b, "turn.sql", strings.NewReplacer("{facts}", strings.ReplaceAll(facts, "'", "''"), "{digest}", strings.Repeat("0123456789abcdef", 4)).Replace(`\set n :n + 1
\set p :first + :client_id
BEGIN;
UPDATE deadline SET cancelled_at = now(), cancelled_why = 'left' WHERE process_id = :p AND activity_id = 0 AND entry = :n AND fired_at IS NULL AND cancelled_at IS NULL;
UPDATE workflow_plan SET ended_at = now(), reason = '' WHERE process_id = :p AND activity_id = 0 AND state = 'one';
INSERT INTO workflow_plan (process_id, activity_id, state, position, source, days, fixed, started_at, reason) VALUES (:p, 0, 'two', 1, 'none', 0, false, now(), '')
ON CONFLICT (process_id, activity_id, state) DO UPDATE SET ended_at = NULL, reason = '';
INSERT INTO transition_log (process_id, seq, activity_id, at, effective_at, transition, event, from_state, to_state, actor_kind, actor_role, actor_commitment, reason_commitment, facts, facts_digest, prev_hash, hash)
VALUES (:p, :n + 1, 0, now(), now(), 'turn', 'turn', 'one', 'two', 'person', 'promoter', '{digest}', '{digest}', '{facts}', '{digest}', sha256('before'), sha256('after'));
INSERT INTO transition_text (process_id, seq, person_id, reason, public_reason, salt) VALUES (:p, :n + 1, 1, '', false, md5('salt')::bytea);
UPDATE workflow_instance SET state = 'two', revision = :n + 1, entry = :n + 1, entered_at = now(), due_at = now() + interval '30 days', head = sha256('after'), seq = :n + 1 WHERE process_id = :p AND activity_id = 0;
INSERT INTO deadline (process_id, activity_id, entry, name, generation, wall_time, zone, due_at, action, event, notice, audience, cancelled_why)
VALUES (:p, 0, :n + 1, 'end', 1, now() + interval '30 days', 'Europe/Rome', now() + interval '30 days', 'event', 'finish', '', '', '');
COMMIT;
`))
}

// pgbench runs one round and gives its transactions a second.
func (c *clockwork) pgbench(script string, first process.ID, round int) float64 {
	c.b.Helper()
	const each = turning / clients
	out, err := exec.CommandContext(c.b.Context(), tool(c.b, "pgbench"), "-n", "-c", strconv.Itoa(clients), "-j", "2", "-M", "prepared",
		"-t", strconv.Itoa(each), "-D", fmt.Sprintf("n=%d", round*each), "-D", fmt.Sprintf("first=%d", first), "-f", script, c.address()).CombinedOutput()
	if err != nil {
		c.b.Fatalf("pgbench: %v\n%s", err, out)
	}
	m := tps.FindSubmatch(out)
	if m == nil {
		c.b.Fatalf("pgbench says no rate:\n%s", out)
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	c.must(err)
	return n
}

func (c *clockwork) address() string { return strings.TrimPrefix(c.env[0], "ARENGO_DATABASE_URL=") }

// lowest is the first of processes that were made together.
func lowest(list []process.Process) process.ID {
	first := list[0].ID
	for _, p := range list {
		first = min(first, p.ID)
	}
	return first
}

func highest(list []process.Process) process.ID {
	last := list[0].ID
	for _, p := range list {
		last = max(last, p.ID)
	}
	return last
}
