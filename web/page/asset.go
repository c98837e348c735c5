package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// AssetPrefix is the path under which Assets must be mounted.
const AssetPrefix = "/static/"

// sprite is the asset that holds the icons.
const sprite = "svg/sprites.svg"

// Assets are the built files, each known by its own name and by a name that
// carries a hash of its content. It is an http.Handler for AssetPrefix and is
// read-only after NewAssets.
type Assets struct {
	urls   map[string]string // "css/arengo.css" → "/static/css/arengo.1f2e….css"
	served map[string]*asset // by path below AssetPrefix
	icons  map[string]bool
}

type asset struct {
	body, zipped      []byte
	kind, etag, cache string
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png",
	".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8",
}

var (
	cssURL = regexp.MustCompile(`url\("?(\.\./[^)"?#]+)([^)"]*)"?\)`)
	symbol = regexp.MustCompile(`<symbol[^>]* id="([^"]+)"`)
)

// NewAssets reads and hashes every file of fsys. References of style sheets to
// other assets (url("../…")) are rewritten to the hashed names. It fails on a
// reference to a missing file and on a file of an unknown kind.
func NewAssets(fsys fs.FS) (*Assets, error) {
	a := &Assets{urls: map[string]string{}, served: map[string]*asset{}, icons: map[string]bool{}}
	var sheets []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) == ".go" {
			return err
		}
		if path.Ext(name) == ".css" {
			sheets = append(sheets, name)
			return nil
		}
		body, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		return a.add(name, body)
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	for _, name := range sheets {
		if err := a.addSheet(fsys, name); err != nil {
			return nil, fmt.Errorf("read assets: %w", err)
		}
	}
	return a, nil
}

func (a *Assets) addSheet(fsys fs.FS, name string) error {
	body, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	var missing string
	body = cssURL.ReplaceAllFunc(body, func(ref []byte) []byte {
		m := cssURL.FindSubmatch(ref)
		url, ok := a.urls[path.Join(path.Dir(name), string(m[1]))]
		if !ok {
			missing = string(m[1])
		}
		return []byte(`url("` + url + string(m[2]) + `")`)
	})
	if missing != "" {
		return fmt.Errorf("%s refers to %s, which is not shipped", name, missing)
	}
	return a.add(name, body)
}

func (a *Assets) add(name string, body []byte) error {
	ext := path.Ext(name)
	kind, ok := kinds[ext]
	if !ok {
		return fmt.Errorf("%s: unknown kind of asset", name)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:6])
	hashed := strings.TrimSuffix(name, ext) + "." + hash + ext
	zipped, err := compress(kind, body)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	forever := &asset{body, zipped, kind, hash, "public, max-age=31536000, immutable"}
	plain := *forever
	plain.cache = "no-cache"
	a.urls[name] = AssetPrefix + hashed
	a.served[hashed], a.served[name] = forever, &plain
	if name == sprite {
		for _, m := range symbol.FindAllSubmatch(body, -1) {
			a.icons[string(m[1])] = true
		}
	}
	return nil
}

// compress gives the gzip form of text assets, nil when it does not pay.
func compress(kind string, body []byte) ([]byte, error) {
	if kind == kinds[".woff2"] || kind == kinds[".png"] || kind == kinds[".ico"] {
		return nil, nil
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() >= len(body) {
		return nil, nil
	}
	return b.Bytes(), nil
}

// URL is the hashed address of an asset, "" when there is none.
func (a *Assets) URL(name string) string { return a.urls[name] }

// Has reports whether the asset exists.
func (a *Assets) Has(name string) bool { return a.urls[name] != "" }

// HasIcon reports whether the sprite holds the icon, "it-clock" for one.
func (a *Assets) HasIcon(name string) bool { return a.icons[name] }

// ServeHTTP answers GET and HEAD below AssetPrefix. Hashed names may be kept
// for ever, plain names are revalidated; text is sent gzipped to those who
// accept it.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.served[strings.TrimPrefix(r.URL.Path, AssetPrefix)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	body, etag := f.body, `"`+f.etag+`"`
	if f.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			body, etag = f.zipped, `"`+f.etag+`-gz"`
		}
	}
	h.Set("ETag", etag)
	h.Set("Cache-Control", f.cache)
	h.Set("X-Content-Type-Options", "nosniff")
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if strings.HasSuffix(etag, `-gz"`) {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the client may be gone; nothing to do about it
	}
}

// acceptsGzip reads an Accept-Encoding header; "gzip;q=0" is a refusal.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name != "gzip" && name != "*" {
			continue
		}
		q := strings.TrimPrefix(strings.TrimSpace(params), "q=")
		v, err := strconv.ParseFloat(q, 64)
		return err != nil || v > 0
	}
	return false
}
