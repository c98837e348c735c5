package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"arengo/process"
)

// measureSubmissions sends drafts of twenty answers through the real site, and
// writes the same rows by pgbench.
func (h *house) measureSubmissions(t *table, web *exec.Cmd) {
	h.b.Helper()
	ours, theirs := h.drafted(), h.drafted()
	requests := h.requests(ours)
	script := h.script(theirs)
	postmaster := h.postmaster()
	pids := []int{web.Process.Pid}
	var rate, cpu, inWeb, inServer, yard, yardCPU series
	for round := range rounds {
		before, beforeWeb := postmaster.cpu(h.b), cpuOf(h.b, pids...)
		begun := time.Now()
		h.send(requests[round*sendings : (round+1)*sendings])
		took := time.Since(begun)
		server, site := postmaster.cpu(h.b)-before, cpuOf(h.b, pids...)-beforeWeb
		rate = append(rate, sendings/took.Seconds())
		inWeb, inServer = append(inWeb, each(site)), append(inServer, each(server))
		cpu = append(cpu, each(server+site))

		before = postmaster.cpu(h.b)
		yard = append(yard, h.pgbench(script, round))
		yardCPU = append(yardCPU, each(postmaster.cpu(h.b)-before))
	}
	if n := h.count("SELECT count(*) FROM response WHERE process_id = ? AND activity_id IN (?, ?)", h.process.ID, ours.ID, theirs.ID); n != 2*rounds*sendings {
		h.b.Fatalf("%d responses are stored, want %d", n, 2*rounds*sendings)
	}
	t.line(fmt.Sprintf("Responses of 20 answers a second, %d clients, over HTTP", clients),
		fmt.Sprintf("%.0f (%s)", rate.median(), rate.spread("%.0f")),
		fmt.Sprintf("pgbench, same rows: %.0f (%s); ratio **%.0f %%**", yard.median(), yard.spread("%.0f"), 100*rate.over(yard)), "≥ 50 %")
	t.line("CPU for each response",
		fmt.Sprintf("**%.2f ms**: web %.2f, PostgreSQL %.2f", cpu.median(), inWeb.median(), inServer.median()),
		fmt.Sprintf("pgbench's PostgreSQL: %.2f ms", yardCPU.median()), "< 3 ms")
}

// each is what one sending of a round cost, in milliseconds.
func each(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) / sendings }

// drafted opens a questionnaire and gives each contact a draft that is whole.
func (h *house) drafted() process.Activity {
	h.b.Helper()
	if need := rounds * sendings; need > crowd {
		h.b.Fatalf("%d sendings, and only %d people", need, crowd)
	}
	a := h.questionnaire()
	h.inviteAll(a)
	h.move(a, "open")
	for i, set := range h.answers {
		h.exec(`INSERT INTO draft (process_id, activity_id, invitation_id, version, answers, position, started_at, updated_at)
			SELECT process_id, activity_id, id, 1, ?::jsonb, 'more', clock_timestamp(), clock_timestamp()
			FROM invitation WHERE process_id = ? AND activity_id = ? AND id % ? = ?`, set, h.process.ID, a.ID, len(h.answers), i)
	}
	h.exec(`UPDATE invitation SET opened_at = clock_timestamp(), drafted_at = clock_timestamp() WHERE process_id = ? AND activity_id = ?`, h.process.ID, a.ID)
	for _, name := range []string{"invitation", "draft", "contact", "person"} {
		h.exec("VACUUM ANALYZE " + name)
	}
	return a
}

func (h *house) invitations(a process.Activity) (ids []int64) {
	h.b.Helper()
	h.must(h.app.db.NewRaw("SELECT id FROM invitation WHERE process_id = ? AND activity_id = ? ORDER BY id", h.process.ID, a.ID).
		Scan(h.b.Context(), &ids))
	return ids
}

// requests are the bytes that a browser would send, one for each invitation.
func (h *house) requests(a process.Activity) [][]byte {
	h.b.Helper()
	links, host := h.app.core.Links(), strings.TrimPrefix(h.base, "http://")
	var out [][]byte
	for i, id := range h.invitations(a) {
		token := links.Token(process.Link{Purpose: process.LinkAnswer, Process: h.process.ID, Subject: id, Version: 1})
		body := url.Values{"csrf": {links.Sign("csrf", "token:"+token)}}.Encode()
		out = append(out, fmt.Appendf(nil, "POST /i/questionnaire/%s/rileggi-e-invia HTTP/1.1\r\nHost: %s\r\n"+
			"User-Agent: Mozilla/5.0 (bench)\r\nAccept: text/html\r\nAccept-Language: it\r\nOrigin: %s\r\nSec-Fetch-Site: same-origin\r\n"+
			"X-Forwarded-For: 10.%d.%d.%d\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
			token, host, h.base, i>>16&255, i>>8&255, i&255, len(body), body))
	}
	return out
}

// send shares the requests among the clients, a connection each.
func (h *house) send(requests [][]byte) {
	h.b.Helper()
	part := len(requests) / clients
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			if err := sendAll(strings.TrimPrefix(h.base, "http://"), requests[i*part:(i+1)*part]); err != nil {
				h.b.Error(err)
			}
		})
	}
	all.Wait()
	if h.b.Failed() {
		h.b.FailNow()
	}
}

func sendAll(address string, requests [][]byte) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for _, request := range requests {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusSeeOther {
			return fmt.Errorf("answer %s: %.300s (%w)", res.Status, body, err)
		}
	}
	return nil
}

// script writes what one response writes, in one transaction of six statements,
// for the invitations from :first on, each client its own.
func (h *house) script(a process.Activity) string {
	h.b.Helper()
	values := strings.NewReplacer("{p}", fmt.Sprint(h.process.ID), "{a}", fmt.Sprint(a.ID), "{answers}", strings.ReplaceAll(h.answers[0], "'", "''"))
	return inFile(h.b, "submit.sql", values.Replace(`\set n :n + 1
\set id :first + :client_id * :part + :n
BEGIN;
DELETE FROM draft WHERE process_id = {p} AND activity_id = {a} AND invitation_id = :id;
INSERT INTO response (process_id, activity_id, id, version, answers, territory_id, submitted_on) VALUES ({p}, {a}, md5(:id::text)::uuid, 1, '{answers}', NULL, current_date);
INSERT INTO response_identity (process_id, activity_id, response_id, invitation_id, receipt, submitted_at) VALUES ({p}, {a}, md5(:id::text)::uuid, :id, 'ABCD-EFGH-JKLM', now());
UPDATE invitation SET answered_at = now() WHERE process_id = {p} AND id = :id;
INSERT INTO notice (process_id, activity_id, key, kind, audience, person_id, payload, due_at, expires_at, created_at) VALUES ({p}, {a}, 'receipt/' || :id, 'receipt', '', 1, '{"extra":{"receipt":"ABCD-EFGH-JKLM"}}', now(), now() + interval '7 days', now());
COMMIT;
`)) + "\x00" + fmt.Sprint(h.invitations(a)[0])
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench runs one round and gives its transactions a second, the making of
// the connections left out.
func (h *house) pgbench(script string, round int) float64 {
	h.b.Helper()
	file, first, _ := strings.Cut(script, "\x00")
	start, err := strconv.Atoi(first)
	h.must(err)
	part := sendings / clients
	cmd := exec.CommandContext(h.b.Context(), tool(h.b, "pgbench"), "-n", "-c", strconv.Itoa(clients), "-j", "2", "-M", "prepared",
		"-t", strconv.Itoa(part), "-D", "n=-1", "-D", fmt.Sprintf("part=%d", part),
		"-D", fmt.Sprintf("first=%d", start+round*sendings), "-f", file, h.app.config.DatabaseURL)
	out, err := cmd.CombinedOutput()
	if err != nil {
		h.b.Fatalf("pgbench: %v\n%s", err, out)
	}
	m := tps.FindSubmatch(out)
	if m == nil {
		h.b.Fatalf("pgbench says no rate:\n%s", out)
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	h.must(err)
	return n
}
