package catalogue

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

//go:embed */notice.yaml */*.md common.yaml topics.yaml why.yaml
var files embed.FS

// manifest is a notice.yaml as it is written.
type manifest struct {
	Category  string   `yaml:"category"`
	Topic     string   `yaml:"topic"`
	TTL       string   `yaml:"ttl"`
	Priority  string   `yaml:"priority"`
	Calendar  string   `yaml:"calendar"`
	Deadline  bool     `yaml:"deadline"`
	Adaptable bool     `yaml:"adaptable"`
	Proof     bool     `yaml:"proof"`
	Account   bool     `yaml:"account"`
	Why       string   `yaml:"why"`
	Title     Text     `yaml:"title"`
	When      Text     `yaml:"when"`
	To        Text     `yaml:"to"`
	Fields    []Field  `yaml:"fields"`
	Keeps     []string `yaml:"keeps"`
}

// shared is a variable of common.yaml: the fields of templates.Facts that stand
// for it, the functions that say it, and the fields of a kind's own that those say
// as well.
type shared struct {
	Field `yaml:",inline"`

	Given string   `yaml:"given"`
	Reads []string `yaml:"reads"`
	Says  []string `yaml:"says"`
	With  []string `yaml:"with"`
}

// Where a common variable is given, whatever the text of a kind says.
const (
	givenAlways  = "always"
	givenProcess = "process"
	givenNamed   = "named"
)

func (s shared) givenTo(k Kind) bool {
	return s.Given == givenAlways || s.Given == givenProcess && !k.Account
}

func (s shared) variable() Variable {
	v := s.Field.variable()
	v.Required = v.Required || s.Given == givenAlways || s.Given == givenProcess
	return v
}

// reader gathers mistakes while it reads.
type reader struct {
	from     fs.FS
	out      contents
	problems []error
}

// readAll reads every file and reports all mistakes together.
func readAll(from fs.FS) (contents, error) {
	r := &reader{from: from, out: contents{sources: map[string]string{}}}
	r.decode("topics.yaml", &r.out.topics)
	lines := r.decode("why.yaml", &r.out.why)
	for i, w := range r.out.why {
		r.text("why.yaml", lines[fmt.Sprintf("$[%d].name", i)], w.Name, w.Text)
	}
	lines = r.decode("common.yaml", &r.out.common)
	for i, s := range r.out.common {
		r.field("common.yaml", lines, fmt.Sprintf("$[%d]", i), s.Field)
		r.known("common.yaml", lines[fmt.Sprintf("$[%d].given", i)], s.Given, "", givenAlways, givenProcess, givenNamed)
	}
	folders, err := fs.Glob(from, "*/notice.yaml")
	if err != nil || len(folders) == 0 {
		r.bad("notice.yaml", 0, "no kind of notice is there: %v", err)
	}
	for _, file := range folders { // in alphabetical order, as Glob gives them
		r.kind(file)
	}
	for i, s := range r.out.common {
		said := slices.ContainsFunc(r.out.kinds, func(k Kind) bool { return slices.Contains(k.common, i) })
		named := s.Given == givenNamed && slices.ContainsFunc(r.out.kinds, func(k Kind) bool { return k.has(s.Name) })
		if !said && !named && s.Given != givenAlways && s.Given != givenProcess {
			r.bad("common.yaml", lines[fmt.Sprintf("$[%d].name", i)], "no text says %s", s.Name)
		}
	}
	return r.out, errors.Join(r.problems...)
}

func (r *reader) bad(file string, line int, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s:%d: %s", file, line, fmt.Sprintf(format, args...)))
}

// decode reads a YAML file and gives the line of each of its values, by path.
func (r *reader) decode(file string, into any) map[string]int {
	raw, err := fs.ReadFile(r.from, file)
	if err != nil {
		r.bad(file, 0, "%v", err)
		return nil
	}
	tree, err := parser.ParseBytes(raw, 0)
	if err == nil {
		err = yaml.UnmarshalWithOptions(raw, into, yaml.Strict())
	}
	var said yaml.Error
	switch {
	case errors.As(err, &said):
		r.bad(file, said.GetToken().Position.Line, "%s", said.GetMessage())
		return nil
	case err != nil:
		r.bad(file, 1, "%v", err)
		return nil
	}
	at := placed{}
	for _, doc := range tree.Docs {
		ast.Walk(at, doc.Body)
	}
	return at
}

// placed notes the line at which each path of a file stands.
type placed map[string]int

// Visit is what ast.Walk calls.
func (p placed) Visit(n ast.Node) ast.Visitor {
	if _, ok := p[n.GetPath()]; !ok {
		p[n.GetPath()] = n.GetToken().Position.Line
	}
	return p
}

// kind reads one folder.
func (r *reader) kind(file string) {
	var m manifest
	lines := r.decode(file, &m)
	if lines == nil {
		return
	}
	k := Kind{
		Name: path.Dir(file), Category: Category(m.Category), Topic: m.Topic, Calendar: Calendar(strings.ToUpper(m.Calendar)),
		Deadline: m.Deadline, Adaptable: m.Adaptable, Proof: m.Proof, Account: m.Account, Why: m.Why,
		Title: m.Title, When: m.When, To: m.To, Fields: m.Fields, Keeps: m.Keeps,
	}
	r.known(file, lines["$.category"], m.Category, string(Transactional), string(Statutory), string(Participation))
	r.known(file, lines["$.topic"], m.Topic, r.topicNames()...)
	r.known(file, lines["$.why"], m.Why, append(r.whyNames(), "")...)
	r.known(file, lines["$.calendar"], m.Calendar, "", "request", "cancel")
	r.known(file, lines["$.priority"], m.Priority, "urgent", "in-turn")
	if k.Priority = Urgent; m.Priority != "urgent" {
		k.Priority = InTurn
	}
	var err error
	if k.TimeToLive, err = length(m.TTL); err != nil {
		r.bad(file, lines["$.ttl"], "ttl: %v", err)
	}
	for name, text := range map[string]Text{"title": m.Title, "when": m.When, "to": m.To} {
		r.text(file, lines["$."+name], name, text)
	}
	for i, f := range k.Fields {
		k.Fields[i] = r.named(f)
		r.field(file, lines, fmt.Sprintf("$.fields[%d]", i), k.Fields[i])
	}
	k.common = r.sources(file, lines, k)
	for _, name := range k.Keeps {
		if !k.Adaptable || !slices.ContainsFunc(r.out.variables(k), func(v Variable) bool { return v.Name == name }) {
			r.bad(file, lines["$.keeps"], "keeps: %q is no variable of an adapted text", name)
		}
	}
	r.out.kinds = append(r.out.kinds, k)
}

// named completes a field that is written down for several kinds; one of them may
// require it where the others do not.
func (r *reader) named(f Field) Field {
	i := slices.IndexFunc(r.out.common, func(s shared) bool { return s.Given == givenNamed && s.Name == f.Name })
	if f.Type != "" || i < 0 {
		return f
	}
	required := f.Required
	f = r.out.common[i].Field
	f.Required = f.Required || required
	return f
}

func (r *reader) topicNames() []string {
	var out []string
	for _, t := range r.out.topics {
		out = append(out, t.Name)
	}
	return out
}

func (r *reader) whyNames() []string {
	var out []string
	for _, w := range r.out.why {
		out = append(out, w.Name)
	}
	return out
}

// known notes a word that is none of those that may stand there.
func (r *reader) known(file string, line int, word string, words ...string) {
	if !slices.Contains(words, word) {
		r.bad(file, line, "%q is none of %s", word, strings.Join(words, ", "))
	}
}

// text notes the languages that a text lacks.
func (r *reader) text(file string, line int, name string, t Text) {
	for _, locale := range locales {
		if t[locale] == "" {
			r.bad(file, line, "%s has no text in %q", name, locale)
		}
	}
}

var fieldName = regexp.MustCompile(`^[a-z][a-z_]*$`)

var types = []string{string(Words), string(Number), string(Day), string(Moment), string(Span), string(URL), string(Choice), string(Flag), string(List)}

func (r *reader) field(file string, lines map[string]int, at string, f Field) {
	line := lines[at+".name"]
	if !fieldName.MatchString(f.Name) {
		r.bad(file, line, "a field is a lower-case word, %q is none", f.Name)
	}
	r.known(file, lines[at+".type"], string(f.Type), types...)
	r.text(file, line, f.Name+": its description", f.Description)
	if f.Required && f.Preview == nil && len(f.Fields) == 0 {
		r.bad(file, line, "%s is required and has no preview", f.Name)
	}
	if f.Preview != nil {
		r.text(file, line, f.Name+": its preview", f.Preview)
	}
	if (f.Type == List) != (len(f.Fields) > 0) && file != "common.yaml" {
		r.bad(file, line, "%s: a list has fields, and nothing else has", f.Name)
	}
	if (f.Type == Choice) != (len(f.Words) > 0) {
		r.bad(file, line, "%s: a choice has words, and nothing else has", f.Name)
	}
	for word, said := range f.Words {
		r.text(file, lines[at+".words."+word], f.Name+": "+word, said)
	}
	if f.Missing != nil {
		r.text(file, line, f.Name+": what is said without it", f.Missing)
	}
	for i, inner := range f.Fields {
		r.field(file, lines, fmt.Sprintf("%s.fields[%d]", at, i), inner)
	}
}

// length reads "7d" or what Go calls a duration.
func length(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 {
			return 0, fmt.Errorf("%q is no number of days", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err == nil && d <= 0 {
		err = fmt.Errorf("%q is no length of time", s)
	}
	return d, err
}

func compare(a, b string) int { return strings.Compare(a, b) }
