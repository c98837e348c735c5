package page

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"

	"arengo/web/static"
	"arengo/web/templates"
)

// Config says what a Renderer is made of; what is left nil is taken from the
// binary.
type Config struct {
	Templates fs.FS // layout.html, partial/*.html, <area>/<page>.html
	Assets    *Assets
	Catalogue *Catalogue
	Site      Site
	Only      []string // pages to load, all when empty: a test needs one
}

// embeddedAssets compresses the embedded assets once.
var embeddedAssets = sync.OnceValues(func() (*Assets, error) { return NewAssets(static.FS) })

// Renderer turns page structs into HTML. It is safe for concurrent use.
type Renderer struct {
	cat    *Catalogue
	assets *Assets
	site   Site
	pages  map[string]*set
}

// New parses every page with the layout and the partials. It fails on a parse
// or escaping error, on a page without a "content" template, and on a constant
// key, asset or icon that does not exist: better at start than before a person.
func New(c Config) (*Renderer, error) {
	r := &Renderer{cat: c.Catalogue, assets: c.Assets, site: c.Site.orDefault(), pages: map[string]*set{}}
	var err error
	if r.cat == nil {
		if r.cat, err = embedded(); err != nil {
			return nil, err
		}
	}
	if r.assets == nil {
		if r.assets, err = embeddedAssets(); err != nil {
			return nil, err
		}
	}
	if c.Templates == nil {
		c.Templates = templates.FS
	}
	if err := r.load(c.Templates, c.Only); err != nil {
		return nil, fmt.Errorf("load templates: %w", err)
	}
	return r, nil
}

// Assets is the handler of AssetPrefix.
func (r *Renderer) Assets() *Assets { return r.assets }

// Names lists the pages, sorted.
func (r *Renderer) Names() []string {
	names := make([]string, 0, len(r.pages))
	for name := range r.pages {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (r *Renderer) load(fsys fs.FS, only []string) error {
	shared := map[string]*parse.Tree{}
	if err := parseInto(shared, fsys, "layout.html", "layout"); err != nil {
		return err
	}
	partials, err := fs.Glob(fsys, "partial/*.html")
	if err != nil {
		return err
	}
	for _, file := range partials {
		if err := parseInto(shared, fsys, file, stem(file)); err != nil {
			return err
		}
	}
	files, err := fs.Glob(fsys, "*/*.html")
	if err != nil {
		return err
	}
	for _, file := range files {
		if path.Dir(file) == "partial" || len(only) > 0 && !slices.Contains(only, strings.TrimSuffix(file, ".html")) {
			continue
		}
		if err := r.addPage(fsys, file, shared); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func stem(file string) string { return strings.TrimSuffix(path.Base(file), ".html") }

// parseInto adds the templates that a file defines; the file's own text, if it
// has any, is named main.
func parseInto(trees map[string]*parse.Tree, fsys fs.FS, file, main string) error {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	parsed, err := parse.Parse(main, string(text), "", "", builtins, (&scope{}).funcs())
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for name, tree := range parsed {
		if name == main && parse.IsEmptyTree(tree.Root) {
			continue
		}
		if trees[name] != nil {
			return fmt.Errorf("%s: template %q is defined twice", file, name)
		}
		trees[name] = tree
	}
	return nil
}

// builtins are the functions that html/template brings along.
var builtins = map[string]any{
	"and": 0, "or": 0, "not": 0, "len": 0, "index": 0, "slice": 0, "print": 0, "printf": 0,
	"println": 0, "html": 0, "js": 0, "urlquery": 0, "call": 0,
	"eq": 0, "ne": 0, "lt": 0, "le": 0, "gt": 0, "ge": 0,
}

func (r *Renderer) addPage(fsys fs.FS, file string, shared map[string]*parse.Tree) error {
	own := map[string]*parse.Tree{}
	if err := parseInto(own, fsys, file, file); err != nil {
		return err
	}
	if own["content"] == nil {
		return errors.New(`no {{define "content"}}`)
	}
	s := &set{renderer: r, trees: reachable(own, shared)}
	for _, tree := range s.trees {
		calls, _ := uses(tree)
		if err := r.checkUses(calls); err != nil {
			return err
		}
	}
	in, err := s.instance()
	if err != nil {
		return err
	}
	// Executing with no data fails in the data, but only after escaping, which
	// is what is wanted here.
	var escaping *template.Error
	if err := in.tmpl.ExecuteTemplate(io.Discard, "layout", nil); errors.As(err, &escaping) {
		return err
	}
	s.free = append(s.free, in)
	r.pages[strings.TrimSuffix(file, ".html")] = s
	return nil
}

// reachable is the page's own templates and those of the shared ones that they
// or the layout call: a set stays small however many partials there are.
func reachable(own, shared map[string]*parse.Tree) map[string]*parse.Tree {
	out := map[string]*parse.Tree{}
	var visit func(name string)
	visit = func(name string) {
		tree := own[name]
		if tree == nil {
			tree = shared[name]
		}
		if tree == nil || out[name] != nil {
			return
		}
		out[name] = tree
		_, called := uses(tree)
		for _, c := range called {
			visit(c)
		}
	}
	visit("layout")
	for name := range own {
		visit(name)
	}
	return out
}

// set is one page's templates. Functions such as date and t depend on the page
// being rendered, so each instance is bound to a scope of its own and used by
// one request at a time; instances are kept for the next request.
type set struct {
	renderer *Renderer
	trees    map[string]*parse.Tree
	mu       sync.Mutex
	free     []*instance
}

type instance struct {
	tmpl  *template.Template
	scope *scope
}

// maxFree bounds the idle instances that a page keeps.
const maxFree = 16

func (s *set) instance() (*instance, error) {
	sc := &scope{renderer: s.renderer}
	t := template.New("").Funcs(template.FuncMap(sc.funcs())).Option("missingkey=error")
	for name, tree := range s.trees {
		if _, err := t.AddParseTree(name, tree.Copy()); err != nil {
			return nil, err
		}
	}
	sc.tmpl = t
	return &instance{t, sc}, nil
}

func (s *set) take() (*instance, error) {
	s.mu.Lock()
	if n := len(s.free); n > 0 {
		in := s.free[n-1]
		s.free = s.free[:n-1]
		s.mu.Unlock()
		return in, nil
	}
	s.mu.Unlock()
	return s.instance()
}

func (s *set) give(in *instance) {
	in.scope.base = Base{}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) < maxFree {
		s.free = append(s.free, in)
	}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render writes the page "area/page" with that status. Nothing is written when
// the template fails, so that the caller can still answer with an error page.
// Cache-Control is Base.CacheControl, or "no-store" for a signed-in viewer or a
// page that must not be indexed, or "no-cache".
func (r *Renderer) Render(w http.ResponseWriter, status int, name string, p View) error {
	s, ok := r.pages[name]
	if !ok {
		return fmt.Errorf("render %s: no such page", name)
	}
	in, err := s.take()
	if err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	defer s.give(in)
	in.scope.base = p.base()
	b := buffers.Get().(*bytes.Buffer) // the pool holds nothing else
	defer buffers.Put(b)
	b.Reset()
	if err := in.tmpl.ExecuteTemplate(b, "layout", p); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	in.scope.nameErrors(b)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", supported(in.scope.base.Lang))
	h.Set("Cache-Control", cacheControl(in.scope.base))
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client may be gone; nothing to do about it
	return nil
}

func cacheControl(b Base) string {
	switch {
	case b.CacheControl != "":
		return b.CacheControl
	case b.Viewer != nil || b.NoIndex:
		return "no-store"
	}
	return "no-cache"
}
