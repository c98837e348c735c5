package site

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"arengo/notify"
	"arengo/web/page"
)

// The cookies, all of them technical.
const (
	cookieSession = "arengo_session"
	cookieLang    = "arengo_lang"
	cookieFlash   = "arengo_flash"
)

// csrfField is the name of the token in forms; scripts send it as a header.
// formKeyField is that of the key of forms that make something.
const (
	csrfField    = "csrf"
	formKeyField = "form_key"
	csrfHeader   = "X-CSRF-Token"
)

func (r *Request) setCookie(name, value string, life time.Duration) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, Secure: r.site.Secure, SameSite: http.SameSiteLaxMode,
		MaxAge: int(life.Seconds()),
	}
	if life < 0 {
		c.MaxAge = -1
	}
	http.SetCookie(r.c.Writer, c)
}

func (r *Request) cookie(name string) string {
	c, err := r.c.Request.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// Counted is a flash whose text takes a number, "n".
func Counted(flash string, n int) string { return flash + ":" + strconv.Itoa(n) }

// setFlash leaves the key of a message for the next page, with its number when
// it has one.
func (r *Request) setFlash(key string) { r.setCookie(cookieFlash, key, time.Minute) }

// flash takes the message left by the last form. Only keys of the catalogue
// are shown, and whole numbers, so a planted cookie can say nothing of its own.
func (r *Request) flash() string {
	key, number, counted := strings.Cut(r.cookie(cookieFlash), ":")
	if key == "" || !strings.Contains(key, "flash") || !page.Texts().Has(key) {
		return ""
	}
	n, err := strconv.Atoi(number)
	if counted && (err != nil || n < 0) {
		return ""
	}
	r.setCookie(cookieFlash, "", -1)
	return page.T(r.Lang, key, map[string]any{"n": n})
}

// csrfSubjects are what a form's token may be bound to: the session, and the
// personal link of the page. Anonymous forms have neither; the check of their
// origin protects them.
func (r *Request) csrfSubjects() []string {
	var out []string
	if r.session != "" {
		out = append(out, "session:"+r.session)
	}
	if token := r.Param("token"); token != "" {
		out = append(out, "token:"+token)
	}
	return out
}

func (r *Request) csrf() string {
	subjects := r.csrfSubjects()
	if len(subjects) == 0 {
		return ""
	}
	return r.site.Core.Links().Sign("csrf", subjects[0])
}

// trusted reports whether a form comes from one of our own pages. Somebody who
// signed in after a personal page was shown may still send its form.
func (r *Request) trusted() bool {
	subjects := r.csrfSubjects()
	if len(subjects) == 0 {
		return true
	}
	code := r.c.GetHeader(csrfHeader)
	if code == "" {
		code = r.c.Request.PostForm.Get(csrfField)
	}
	for _, subject := range subjects {
		if r.site.Core.Links().Signed("csrf", subject, code) {
			return true
		}
	}
	return false
}

// languages are those that the product declares complete.
var languages = []string{"it", "en"}

var matcher = language.NewMatcher([]language.Tag{language.Italian, language.English})

// chooseLanguage prefers what the person chose, then what the browser asks for.
func chooseLanguage(req *http.Request) string {
	if c, err := req.Cookie(cookieLang); err == nil && slices.Contains(languages, c.Value) {
		return c.Value
	}
	return acceptLanguage(req)
}

// letterMatcher knows the languages in which people can be written to.
var letterMatcher = newLetterMatcher()

func newLetterMatcher() language.Matcher {
	var tags []language.Tag
	for _, l := range notify.Locales() {
		tags = append(tags, language.Make(l))
	}
	return language.NewMatcher(tags)
}

// LetterLang is the language in which a visitor is to be written to: the one that
// they chose here, else the first that the client asks for and messages are written
// in, which are more than the pages.
func (r *Request) LetterLang() string {
	if c, err := r.c.Request.Cookie(cookieLang); err == nil && slices.Contains(languages, c.Value) {
		return c.Value
	}
	tags, _, err := language.ParseAcceptLanguage(r.c.GetHeader("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return r.Lang
	}
	_, i, confidence := letterMatcher.Match(tags...)
	if confidence == language.No {
		return r.Lang
	}
	return notify.Locales()[i]
}

// acceptLanguage is what the client asks for, by its header alone.
func acceptLanguage(req *http.Request) string {
	tags, _, err := language.ParseAcceptLanguage(req.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return languages[0]
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return languages[0]
	}
	return languages[i]
}
