package roster_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"arengo/process/fault"
	"arengo/process/roster"
)

func read(s string) (roster.Sheet, error) {
	return roster.Read(strings.NewReader(s), roster.DefaultLimits)
}

func TestRead(t *testing.T) {
	t.Parallel()
	anna := roster.Row{Line: 2, Email: "anna@example.org", Name: "Anna Rossi", Place: "Siena"}
	at := func(line int) roster.Row { r := anna; r.Line = line; return r }
	tests := []struct {
		name, text string
		want       []roster.Row
	}{
		{"Semicolon", "nome;cognome;email;comune\nAnna;Rossi;anna@example.org;Siena\n", []roster.Row{anna}},
		{"Comma", "nome,cognome,email,comune\nAnna,Rossi,anna@example.org,Siena", []roster.Row{anna}},
		{"Tab", "nome\tcognome\temail\tcomune\r\nAnna\tRossi\tanna@example.org\tSiena\r\n", []roster.Row{anna}},
		{"BOMAndCRLF", "\ufeffNome;Cognome;E-Mail;Comune\r\nAnna;Rossi;anna@example.org;Siena\r\n", []roster.Row{anna}},
		{"OldMac", "nome;cognome;email;comune\rAnna;Rossi;anna@example.org;Siena\r", []roster.Row{anna}},
		{"English", "First name,Surname,E-mail address,Municipality\nAnna,Rossi,anna@example.org,Siena\n", []roster.Row{anna}},
		{"ShoutedHeadings", " NOME E COGNOME ;POSTA ELETTRONICA;Comune di residenza\nAnna Rossi;anna@example.org;Siena\n", []roster.Row{anna}},
		{"AccentedHeading", "Nome e cognome;Email;Città\nAnna Rossi;anna@example.org;Siena\n", []roster.Row{anna}},
		{"NamedSeparator", "sep=,\r\nnome,cognome,email,comune\r\nAnna,Rossi,anna@example.org,Siena\r\n", []roster.Row{at(3)}},
		{"BlankLines", "\n\nnome;cognome;email;comune\n\n;;;\n  \nAnna;Rossi;anna@example.org;Siena\n\n", []roster.Row{at(7)}},
		{"SeparatorInQuotes", "nome;cognome;email;comune\n\"Anna\";\"Rossi; Bianchi\";anna@example.org;Siena\n", []roster.Row{
			{Line: 2, Email: "anna@example.org", Name: "Anna Rossi; Bianchi", Place: "Siena"},
		}},
		{"QuotedHeadingWithComma", "email;\"nome, cognome, titolo\"\nanna@example.org;x\n", []roster.Row{{Line: 2, Email: "anna@example.org"}}},
		{"NewlineInQuotes", "nome;email\n\"Anna\nMaria\";anna@example.org\nUgo;ugo@example.org\n", []roster.Row{
			{Line: 2, Email: "anna@example.org", Name: "Anna Maria"}, {Line: 4, Email: "ugo@example.org", Name: "Ugo"},
		}},
		{"DoubledQuotes", "nome;email\n\"Anna \"\"Nina\"\"\";anna@example.org\n", []roster.Row{
			{Line: 2, Email: "anna@example.org", Name: `Anna "Nina"`},
		}},
		{"QuoteInTheMiddle", "nome;email\nAnna \"Nina\" R;anna@example.org\nUgo;ugo@example.org\n", []roster.Row{
			{Line: 2, Problem: "roster.row_quote"}, {Line: 3, Email: "ugo@example.org", Name: "Ugo"},
		}},
		{"Formula", "nome;email\n=HYPERLINK(1+1);anna@example.org\n", []roster.Row{
			{Line: 2, Email: "anna@example.org", Name: "=HYPERLINK(1+1)"},
		}},
		{"ShortAndLongRows", "email;nome;note\nanna@example.org\nugo@example.org;Ugo;x;; \nida@example.org;Ida;x;y\n", []roster.Row{
			{Line: 2, Email: "anna@example.org"},
			{Line: 3, Email: "ugo@example.org", Name: "Ugo"},
			{Line: 4, Email: "ida@example.org", Name: "Ida", Problem: "roster.row_extra"},
		}},
		{"Languages", "email;lingua\na@example.org;EN\nb@example.org;italiano\nc@example.org;Ladin\nd@example.org;Deutsch\ne@example.org;français\n", []roster.Row{
			{Line: 2, Email: "a@example.org", Locale: "en"},
			{Line: 3, Email: "b@example.org", Locale: "it"},
			{Line: 4, Email: "c@example.org", Tongue: "Ladin"},
			{Line: 5, Email: "d@example.org", Locale: "de"},
			{Line: 6, Email: "e@example.org", Locale: "fr"},
		}},
		{"HeaderInjection", "nome;email\n\"Anna\r\nBcc: x@example.org\";anna@example.org\n", []roster.Row{
			{Line: 2, Email: "anna@example.org", Name: "Anna Bcc: x@example.org"},
		}},
		{"OnlyEmail", "email\nanna@example.org\n", []roster.Row{{Line: 2, Email: "anna@example.org"}}},
		{"Code", "email;Codice ISTAT\nanna@example.org;052032\n", []roster.Row{{Line: 2, Email: "anna@example.org", Code: "052032"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sheet, err := read(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(sheet.Rows, test.want) {
				t.Errorf("rows\n%+v, want\n%+v", sheet.Rows, test.want)
			}
			if sheet.Sum != roster.Sum([]byte(test.text)) {
				t.Errorf("sum %q", sheet.Sum)
			}
		})
	}
}

func TestReadRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, key string
		line            any
	}{
		{"Empty", "", "roster.csv_empty", nil},
		{"OnlyBOM", "\ufeff", "roster.csv_empty", nil},
		{"OnlySpace", " \r\n\r\n", "roster.csv_empty", nil},
		{"OnlySeparatorLine", "sep=;\n", "roster.csv_empty", nil},
		{"HeaderOnly", "nome;email\n", "roster.csv_no_rows", nil},
		{"HeaderAndBlanks", "nome;email\n;\n;\n", "roster.csv_no_rows", nil},
		{"NoEmail", "nome;telefono\nAnna;1\n", "roster.csv_no_email", nil},
		{"TwoEmails", "email;nome;Posta elettronica\na@example.org;A;b@example.org\n", "roster.csv_column_twice", nil},
		{"Windows1252", "nome;email\nAnna;anna@example.org\nNicol\xf2;n@example.org\n", "roster.csv_encoding", 3},
		{"Latin1Heading", "Citt\xe0;email\nSiena;n@example.org\n", "roster.csv_encoding", 1},
		{"UTF16", "\xff\xfen\x00o\x00m\x00e\x00", "roster.csv_utf16", nil},
		{"NUL", "nome;email\nAn\x00na;anna@example.org\n", "roster.csv_binary", 2},
		{"Spreadsheet", "PK\x03\x04\x14\x00\x06\x00", "roster.csv_binary", 1},
		{"UnclosedQuote", "nome;email\nUgo;ugo@example.org\n\"Anna;anna@example.org\nEva;eva@example.org\n", "roster.csv_quote", 3},
		{"TextAfterQuote", "nome;email\n\"Anna\" R;anna@example.org\n", "roster.csv_quote", 2},
		{"BadQuoteInHeading", "no\"me;email\na;b\n", "roster.csv_quote", 1},
		{"TooBig", "email\n" + strings.Repeat("a", 5<<20), "roster.csv_too_big", nil},
		{"TooMany", "email\n" + strings.Repeat("a@example.org\n", 50_001), "roster.csv_too_many", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := read(test.text)
			e, ok := fault.As(err)
			if !ok || e.Key != test.key || e.Code != fault.Invalid || e.Field != "file" {
				t.Fatalf("got %v, want %s at file", err, test.key)
			}
			if e.Args["line"] != test.line {
				t.Errorf("line %v, want %v", e.Args["line"], test.line)
			}
		})
	}
}

func TestReadLimits(t *testing.T) {
	t.Parallel()
	t.Run("EveryRowOfTheMost", func(t *testing.T) {
		t.Parallel()
		sheet, err := read("email\n" + strings.Repeat("a@example.org\n", 50_000))
		if err != nil || len(sheet.Rows) != 50_000 {
			t.Errorf("%d rows, %v", len(sheet.Rows), err)
		}
	})
	t.Run("HugeCell", func(t *testing.T) {
		t.Parallel()
		sheet, err := read("nome;email\n" + strings.Repeat("è", 1<<20) + ";anna@example.org\nUgo;ugo@example.org\n")
		if err != nil || len(sheet.Rows) != 2 {
			t.Fatalf("%d rows, %v", len(sheet.Rows), err)
		}
		if sheet.Rows[0].Problem != "roster.row_too_long" || sheet.Rows[1].Problem != "" {
			t.Errorf("problems %q, %q", sheet.Rows[0].Problem, sheet.Rows[1].Problem)
		}
		if n := utf8.RuneCountInString(sheet.Rows[0].Name); n > 200 {
			t.Errorf("kept %d characters of the name", n)
		}
	})
	t.Run("LongName", func(t *testing.T) {
		t.Parallel()
		sheet, err := read("nome;email\n" + strings.Repeat("a", 201) + ";anna@example.org\n")
		if err != nil || sheet.Rows[0].Problem != "roster.row_too_long" {
			t.Errorf("%+v, %v", sheet.Rows, err)
		}
	})
}

func TestReadNamesWhatItIgnores(t *testing.T) {
	t.Parallel()
	sheet, err := read("email;Telefono;;Note\nanna@example.org;1;2;3\n")
	if err != nil || !slices.Equal(sheet.Ignored, []string{"Telefono", "Note"}) {
		t.Errorf("ignored %q, %v", sheet.Ignored, err)
	}
}

func TestReadDemoContacts(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../fixtures/demo/contacts.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet, err := roster.Read(f, roster.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if sheet.Separator != ';' || len(sheet.Rows) == 0 || len(sheet.Ignored) != 0 {
		t.Fatalf("separator %q, %d rows, ignored %q", sheet.Separator, len(sheet.Rows), sheet.Ignored)
	}
	if r := sheet.Rows[0]; r.Name != "Nicolò D’Angelo" || r.Place != "Siena" || r.Locale != "it" || r.Line != 2 {
		t.Errorf("first row %+v", r)
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"Colle di Val d'Elsa", "COLLE DI VAL D’ELSA", "colle  di val d`elsa"},
		{"Forlì", "Forli'", "FORLÌ", "forli"},
		{"San Quirico d'Orcia", "san quirico d´orcia"},
		{"E-mail", "e mail", "E_Mail:"},
	} {
		for _, s := range same[1:] {
			if roster.Fold(s) != roster.Fold(same[0]) {
				t.Errorf("%q folds to %q, %q to %q", s, roster.Fold(s), same[0], roster.Fold(same[0]))
			}
		}
	}
	if roster.Fold("Castello") == roster.Fold("Castel") {
		t.Error("two names fold to one")
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "\ufeffnome;email\r\nAnna;anna@example.org\r\n", "email\n\"a\nb\"\n", "sep=\t\nemail\tnome\na\tb\n",
		"nome,email\n\"x\"\"y\",a@example.org\n", "email;lingua\na@example.org;de", "\xff\xfee\x00", "Citt\xe0;email\n",
		"email\n\x00", "\"email\";\"codice istat\"\n\"a@example.org\";\"052032\"\n", "nome;email\na\"b;c\n\"d\" e;f\n",
		"\r\r\remail\ra@b.it\r", "sep=\n\nemail\na",
	} {
		f.Add(seed)
	}
	limits := roster.Limits{Bytes: 1 << 16, Rows: 50, Cell: 100}
	f.Fuzz(func(t *testing.T, text string) {
		sheet, err := roster.Read(strings.NewReader(text), limits)
		if err != nil {
			if e, ok := fault.As(err); !ok || e.Field != "file" {
				t.Fatalf("not a refusal of the file: %v", err)
			}
			return
		}
		if len(sheet.Rows) == 0 || len(sheet.Rows) > limits.Rows {
			t.Fatalf("%d rows", len(sheet.Rows))
		}
		line := 0
		for _, r := range sheet.Rows {
			if r.Line <= line {
				t.Fatalf("line %d after line %d", r.Line, line)
			}
			line = r.Line
			for _, cell := range []string{r.Email, r.Name, r.Place, r.Code, r.Tongue} {
				if !utf8.ValidString(cell) || strings.IndexFunc(cell, unicode.IsControl) >= 0 || utf8.RuneCountInString(cell) > 2*limits.Cell+1 {
					t.Fatalf("cell %q", cell)
				}
			}
		}
		if lines := 1 + strings.Count(text, "\n") + strings.Count(text, "\r"); line > lines {
			t.Fatalf("line %d of %d", line, lines)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var s strings.Builder
	s.WriteString("nome;cognome;email;comune\n")
	for i := range 10_000 {
		fmt.Fprintf(&s, "Anna;Rossi;anna.%d@example.org;Colle di Val d'Elsa\n", i)
	}
	b.SetBytes(int64(s.Len()))
	for b.Loop() {
		if _, err := read(s.String()); err != nil {
			b.Fatal(err)
		}
	}
}
