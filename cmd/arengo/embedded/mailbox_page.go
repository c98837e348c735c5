package embedded

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"arengo/cmd/arengo/embedded/letter"
)

// shown is how many messages the list shows, the newest.
const shown = 200

//go:embed mailbox.html mailbox.css
var mailboxFiles embed.FS

var mailboxPages = template.Must(template.New("").ParseFS(mailboxFiles, "mailbox.html"))

var (
	mailName = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}\.[0-9]{6}-[a-z0-9]{8}$`)
	address  = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;)]`)
)

// mailboxWords are the texts of the pages; Italian unless the browser asks for
// English first.
var mailboxWords = map[string]map[string]string{
	"it": {
		"title": "Casella di prova", "none": "Nessun messaggio.", "to": "A", "subject": "Oggetto", "arrived": "Arrivato (UTC)",
		"filter": "Destinatario", "search": "Filtra", "back": "Tutti i messaggi", "text": "Testo", "html": "Versione HTML",
		"raw": "Messaggio originale", "from": "Da", "note": "I messaggi restano qui: nessuno viene spedito.", "files": "Allegati", "empty": "(senza oggetto)",
	},
	"en": {
		"title": "Test mailbox", "none": "No messages.", "to": "To", "subject": "Subject", "arrived": "Arrived (UTC)",
		"filter": "Recipient", "search": "Filter", "back": "All messages", "text": "Text", "html": "HTML version",
		"raw": "Original message", "from": "From", "note": "Messages stay here: none is sent.", "files": "Attachments", "empty": "(no subject)",
	},
}

type mailboxPage struct {
	Lang, Prefix, Filter string
	T                    map[string]string
	Rows                 []mailboxRow
	One                  *mailboxMessage
}

type mailboxRow struct{ Name, To, Subject, Arrived string }

type mailboxMessage struct {
	mailboxRow
	From  string
	Text  []textPiece
	HTML  bool
	Files []string
}

// textPiece is a piece of the text part; Link is its address when it is one.
type textPiece struct{ Text, Link string }

// Handler serves the mailbox's pages under prefix ("" for the root):
// prefix/ lists the newest messages (?to= filters by recipient), prefix/m/NAME
// shows one. What a message contains can run no script and load nothing.
func (m *Mailbox) Handler(prefix string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"/{$}", func(w http.ResponseWriter, r *http.Request) { m.list(w, r, prefix) })
	mux.HandleFunc("GET "+prefix+"/m/{name}", func(w http.ResponseWriter, r *http.Request) { m.show(w, r, prefix) })
	mux.HandleFunc("GET "+prefix+"/m/{name}/html", m.html)
	mux.HandleFunc("GET "+prefix+"/m/{name}/raw", m.raw)
	mux.HandleFunc("GET "+prefix+"/mailbox.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, mailboxFiles, "mailbox.css")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

func (m *Mailbox) list(w http.ResponseWriter, r *http.Request, prefix string) {
	names, err := m.names()
	if err != nil {
		http.Error(w, "mailbox unreadable", http.StatusInternalServerError)
		return
	}
	page := newMailboxPage(r, prefix)
	page.Filter = strings.TrimSpace(r.URL.Query().Get("to"))
	for _, name := range names {
		if len(page.Rows) == shown {
			break
		}
		head, err := m.head(name)
		if err != nil {
			continue // removed by hand meanwhile
		}
		row := newRow(name, letter.Parse(head), page.T)
		if strings.Contains(strings.ToLower(row.To), strings.ToLower(page.Filter)) {
			page.Rows = append(page.Rows, row)
		}
	}
	render(w, "list", page)
}

func (m *Mailbox) show(w http.ResponseWriter, r *http.Request, prefix string) {
	raw, ok := m.read(w, r)
	if !ok {
		return
	}
	page, l := newMailboxPage(r, prefix), letter.Parse(raw)
	one := &mailboxMessage{mailboxRow: newRow(r.PathValue("name"), l, page.T), From: l.Header("From")}
	one.Text = pieces(l.First("text/plain").Body)
	one.HTML = l.First("text/html").Body != ""
	for _, p := range l.Parts {
		if p.Name != "" || (p.Kind != "text/plain" && p.Kind != "text/html") {
			one.Files = append(one.Files, strings.TrimSpace(p.Kind+" "+p.Name))
		}
	}
	page.One = one
	render(w, "one", page)
}

// html serves a message's own HTML in a sandbox: no script, no origin, no
// request; a link that is clicked opens in the whole window.
func (m *Mailbox) html(w http.ResponseWriter, r *http.Request) {
	raw, ok := m.read(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Security-Policy", "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, `<!DOCTYPE html><base target="_top">`+letter.Parse(raw).First("text/html").Body)
}

func (m *Mailbox) raw(w http.ResponseWriter, r *http.Request) {
	if raw, ok := m.read(w, r); ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write(raw)
	}
}

// read loads the message that the path names, or answers 404.
func (m *Mailbox) read(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	name := r.PathValue("name")
	if !mailName.MatchString(name) {
		http.NotFound(w, r)
		return nil, false
	}
	raw, err := os.ReadFile(filepath.Join(m.dir, name+".eml"))
	if errors.Is(err, os.ErrNotExist) {
		http.NotFound(w, r)
		return nil, false
	}
	if err != nil {
		http.Error(w, "message unreadable", http.StatusInternalServerError)
		return nil, false
	}
	return raw, true
}

// head reads the beginning of a message, which holds its headers.
func (m *Mailbox) head(name string) ([]byte, error) {
	f, err := os.Open(filepath.Join(m.dir, name+".eml"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 16<<10))
}

// names lists the messages, the newest first.
func (m *Mailbox) names() ([]string, error) {
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	var list []string
	for _, e := range slices.Backward(entries) {
		if name, ok := strings.CutSuffix(e.Name(), ".eml"); ok && mailName.MatchString(name) {
			list = append(list, name)
		}
	}
	return list, nil
}

func newMailboxPage(r *http.Request, prefix string) mailboxPage {
	lang := "it"
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "en") {
		lang = "en"
	}
	return mailboxPage{Lang: lang, Prefix: prefix, T: mailboxWords[lang]}
}

func newRow(name string, l letter.Letter, words map[string]string) mailboxRow {
	subject := l.Header("Subject")
	if subject == "" {
		subject = words["empty"]
	}
	arrived := name[:4] + "-" + name[4:6] + "-" + name[6:8] + " " + name[9:11] + ":" + name[11:13] + ":" + name[13:15]
	return mailboxRow{Name: name, To: l.Header(envelope), Subject: subject, Arrived: arrived}
}

// pieces cuts a text at its links.
func pieces(text string) []textPiece {
	var list []textPiece
	for {
		at := address.FindStringIndex(text)
		if at == nil {
			return append(list, textPiece{Text: text})
		}
		found := text[at[0]:at[1]]
		list = append(list, textPiece{Text: text[:at[0]]}, textPiece{Text: found, Link: found})
		text = text[at[1]:]
	}
}

func render(w http.ResponseWriter, name string, page mailboxPage) {
	var out bytes.Buffer
	if err := mailboxPages.ExecuteTemplate(&out, name, page); err != nil {
		http.Error(w, "page failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.WriteTo(w)
}
