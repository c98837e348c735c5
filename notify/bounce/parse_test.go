package bounce_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/notify/bounce"
)

const (
	processID  = 7
	deliveryID = 424242
)

func returns(t interface{ Fatal(args ...any) }) *bounce.Return {
	r, err := bounce.NewReturn("bounce@example.org", "a key of this test")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sample reads a report of the corpus, with the return address of our delivery
// in its place.
func sample(t testing.TB, r *bounce.Return, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	own := r.Address(processID, deliveryID)
	return []byte(strings.NewReplacer("{{return}}", own, "{{RETURN}}", strings.ToUpper(own)).Replace(string(raw)))
}

// The corpus: what the servers of our correspondents write.
func TestParse(t *testing.T) {
	t.Parallel()
	const ada, id = "ada@paese.example", "m7x2@example.org"
	own := func(r bounce.Report) bounce.Report { r.ProcessID, r.DeliveryID = processID, deliveryID; return r }
	failed := func(recipient, status string, code int, gone bool, words string) bounce.Report {
		return own(bounce.Report{Kind: bounce.Permanent, Recipient: recipient, Status: status, Code: code, Gone: gone, Diagnostic: words})
	}
	late := func(recipient, status string, code int, words string) bounce.Report {
		return own(bounce.Report{Kind: bounce.Temporary, Recipient: recipient, Status: status, Code: code, Diagnostic: words})
	}
	with := func(id string, r bounce.Report) bounce.Report { r.MessageID = id; return r }
	tests := map[string][]bounce.Report{
		"postfix-failed": {with(id, failed(ada, "5.1.1", 550, true,
			"550 5.1.1 <ada@paese.example>: Recipient address rejected: User unknown in virtual mailbox table"))},
		"postfix-delayed": {with(id, late(ada, "4.4.1", 0, "connect to mail.paese.example[192.0.2.25]:25: Connection timed out"))},
		"postfix-no-domain": {failed("ada@pease.example", "5.4.4", 0, true,
			"Host or domain name not found. Name service error for name=pease.example type=AAAA: Host not found")},
		"postfix-gave-up": {failed(ada, "4.4.1", 0, false, "connect to mail.paese.example[192.0.2.25]:25: Connection refused")},
		"several": {
			own(bounce.Report{Kind: bounce.Ignored, Recipient: "uno@lista.example", Status: "2.0.0"}),
			failed("due@lista.example", "5.1.1", 550, true, "550-5.1.1 The account that you tried to reach 550 5.1.1 does not exist"),
			late("tre@lista.example", "4.2.2", 0, ""),
		},
		"gmail": {with(id, failed("ada@gmail.example", "5.1.1", 550, true, "550-5.1.1 The email account that you tried to reach does not exist. "+
			"Please try 550-5.1.1 double-checking the address 550 5.1.1 https://support.example/mail - gsmtp"))},
		"exchange": {with(id, failed(ada, "5.1.10", 550, true,
			"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ada@paese.example not found by SMTP address lookup"))},
		"exchange-directory": {failed(ada, "5.4.1", 550, true, "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [DB3.eurprd05.example]")},
		"exchange-full":      {failed(ada, "5.2.2", 554, false, "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException")},
		"policy":             {failed(ada, "5.7.1", 550, false, "550 5.7.1 Message rejected as spam; mailbox unavailable for your network")},
		"outlook-com": {failed("ada@outlook.example", "5.5.0", 550, true,
			"550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).")},
		"exim-plain": {with(id, failed(ada, "5.1.1", 550, true, "ada@paese.example host mail.paese.example [192.0.2.25] "+
			"SMTP error from remote mail server after RCPT TO:<ada@paese.example>: 550 5.1.1 User unknown"))},
		"exim-delayed": {late(ada, "4.7.1", 451, "ada@paese.example host mail.paese.example [192.0.2.25] "+
			"SMTP error from remote mail server after RCPT TO:<ada@paese.example>: 451 4.7.1 Greylisted, try later")},
		"exim-multipart": {with(id, failed(ada, "5.0.0", 0, true, "Unrouteable address"))},
		"qmail":          {with(id, failed(ada, "5.1.1", 0, true, "<ada@paese.example>: Sorry, no mailbox here by that name. (#5.1.1)"))},
		"qmail-remote": {with(id, failed("ada@altrove.example", "5.2.2", 552, false, "<ada@altrove.example>: 192.0.2.25 failed after I sent the message. "+
			"Remote host said: 552 5.2.2 Over quota I'm not going to try again; this message has been in the queue too long."))},
		"italian-plain": {with(id, failed(ada, "5.1.1", 550, true, "Motivo: 550 5.1.1 casella inesistente"))},
		"italian-full":  {failed(ada, "5.2.2", 552, false, "Il server ha risposto: 552 5.2.2 casella piena")},
		"italian-late": {late(ada, "4.4.1", 451, "Il messaggio per ada@paese.example non è stato ancora consegnato. Verrà ritentato per tre giorni. "+
			"Risposta del server: 451 4.4.1 connessione scaduta")},
		"pec-error":    {with(id, failed("ada@pec.example", "5.1.1", 0, true, "5.1.1 - PEC Example - indirizzo non valido"))},
		"pec-accepted": {with(id, own(bounce.Report{Kind: bounce.Ignored, Diagnostic: "avvenuta-consegna"}))},
		"pec-late":     {late("", "", 0, "preavviso-errore-consegna")},
		"complaint": {with(id, own(bounce.Report{
			Kind: bounce.Complaint, Recipient: "ada@provider.example", Diagnostic: "abuse, ProviderFBL/1.0",
		}))},
		"complaint-return-path": {with(id, own(bounce.Report{Kind: bounce.Complaint, Diagnostic: "abuse"}))},
		"not-spam":              {own(bounce.Report{Kind: bounce.Ignored, Diagnostic: "feedback: not-spam"})},
		"out-of-office":         {own(bounce.Report{Kind: bounce.AutoReply})},
		"vacation":              {own(bounce.Report{Kind: bounce.AutoReply})},
		"postmaster-answers":    {own(bounce.Report{Kind: bounce.AutoReply})},
		"ticket":                {own(bounce.Report{Kind: bounce.AutoReply})},
		"read-receipt":          {own(bounce.Report{Kind: bounce.Ignored, Diagnostic: "disposition notification"})},
		"person":                {own(bounce.Report{Kind: bounce.Ignored})},
		"mbox":                  {failed(ada, "5.2.1", 0, true, "")},
		"in-the-text":           {failed(ada, "5.1.2", 550, true, "550 5.1.2 no such domain")},
		"forwarded":             {failed("ada.rossi@privata.example", "5.1.1", 550, true, "550 5.1.1 unknown")},
		"forged":                {{Kind: bounce.Permanent, Recipient: ada, Status: "5.1.1", Gone: true}},
	}
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) != len(tests) {
		t.Fatalf("%d samples for %d tests, %v", len(files), len(tests), err)
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := returns(t)
			got := r.Parse(sample(t, r, name))
			if len(got) != len(want) {
				t.Fatalf("%d reports %+v, want %d", len(got), got, len(want))
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("report %d is\n%+v, want\n%+v", i, got[i], want[i])
				}
			}
		})
	}
}

// Every sample survives to be cut at any place.
func TestParseCut(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) < 35 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	r := returns(t)
	for _, f := range files {
		raw := sample(t, r, strings.TrimSuffix(filepath.Base(f), ".eml"))
		for end := 0; end < len(raw); end += 7 {
			if got := r.Parse(raw[:end]); len(got) == 0 {
				t.Fatalf("%s cut at %d: no report", f, end)
			}
		}
	}
}

// The envelope says more surely than the header where a report arrived.
func TestParseEnvelope(t *testing.T) {
	t.Parallel()
	r := returns(t)
	got := r.Parse(sample(t, r, "forged"), r.Address(processID, 99))
	if len(got) != 1 || got[0].ProcessID != processID || got[0].DeliveryID != 99 {
		t.Errorf("%+v", got)
	}
}

func TestReturnAddress(t *testing.T) {
	t.Parallel()
	r := returns(t)
	rapid.Check(t, func(t *rapid.T) {
		process, delivery := rapid.Int64Range(0, 1<<63-1).Draw(t, "process"), rapid.Int64Range(1, 1<<63-1).Draw(t, "delivery")
		longest, err := bounce.NewReturn("sixteen.letters1@example.org", "k")
		if err != nil {
			t.Fatal(err)
		}
		address := longest.Address(process, delivery)
		if local, _, _ := strings.Cut(address, "@"); len(local) > 64 {
			t.Fatalf("%q has %d characters", local, len(local))
		}
		if p, d, ok := longest.Read(strings.ToUpper(address)); !ok || p != process || d != delivery {
			t.Fatalf("%q is %d, %d, %v", address, p, d, ok)
		}
		if _, _, ok := r.Read(r.Address(process, delivery)); !ok {
			t.Fatal("its own address")
		}
		// Another delivery's code is worth nothing for this one.
		at := rapid.IntRange(len("bounce+b-"), strings.IndexByte(r.Address(process, delivery), '@')-1).Draw(t, "at")
		forged := []byte(r.Address(process, delivery))
		forged[at] = "ab"[(strings.IndexByte("ab", forged[at])+1)%2]
		if p, d, ok := r.Read(string(forged)); ok {
			t.Fatalf("%q is taken for %d, %d", forged, p, d)
		}
	})
}

func TestReturnKeys(t *testing.T) {
	t.Parallel()
	older, err := bounce.NewReturn("Bounce@Example.org", "old")
	if err != nil {
		t.Fatal(err)
	}
	newer, err := bounce.NewReturn("bounce@example.org", "new", "old")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := newer.Read(older.Address(1, 2)); !ok {
		t.Error("an address signed by a former key")
	}
	if _, _, ok := older.Read(newer.Address(1, 2)); ok {
		t.Error("an address signed by a key not known")
	}
	if !newer.Is("BOUNCE@example.org") || newer.Is(newer.Address(1, 2)) {
		t.Error("the plain address")
	}
	for _, bad := range []string{
		"", "bounce", "bounce+x@example.org", "a.very.long.name1@example.org", "dot.@example.org", "Rimbalzi <b@example.org>", `"a b"@example.org`, "rimbàlzi@example.org",
	} {
		if _, err := bounce.NewReturn(bad, "k"); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := bounce.NewReturn("b@example.org"); err == nil {
		t.Error("no key")
	}
}

func FuzzParse(f *testing.F) {
	r := returns(f)
	files, _ := filepath.Glob("testdata/*.eml")
	for _, name := range files {
		f.Add(sample(f, r, strings.TrimSuffix(filepath.Base(name), ".eml")))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, report := range r.Parse(raw, "x@example.org") {
			if len(report.Diagnostic) > 500 || strings.ContainsAny(report.Diagnostic, "\r\n\x00") {
				t.Errorf("%q", report.Diagnostic)
			}
			if report.Gone && report.Kind != bounce.Permanent {
				t.Errorf("%+v", report)
			}
		}
	})
}

// What is nested without end, or repeated without end, costs little.
func TestParseBounds(t *testing.T) {
	t.Parallel()
	r := returns(t)
	deep := strings.Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 20_000)
	wide := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 80_000)
	blocks := "From: postmaster@x.example\nContent-Type: message/delivery-status\n\n" + strings.Repeat("Final-Recipient: a@b.example\nAction: failed\n\n", 20_000)
	fields := strings.Repeat("To: <a@b.example>\n", 40_000)
	for name, text := range map[string]string{"deep": deep, "wide": wide, "blocks": blocks, "fields": fields} {
		if got := r.Parse([]byte(text)); len(got) == 0 || len(got) > 40 {
			t.Errorf("%s: %d reports", name, len(got))
		}
	}
}
