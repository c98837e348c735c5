package site

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
)

// A visitor is written to in a language that messages have, even where pages have
// it not; whoever chose one here keeps it.
func TestLetterLang(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ accept, cookie, want string }{
		{"de-CH,de;q=0.9,it;q=0.5", "", "de"},
		{"fr-FR", "", "fr"},
		{"rm-CH,fr;q=0.7", "", "fr"},
		{"en-GB,en", "", "en"},
		{"pt,it;q=0.5", "", "it"},
		{"ja", "", "it"},
		{"", "", "it"},
		{"de", "it", "it"},
		{"de", "xx", "de"},
	} {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
		c.Request.Header.Set("Accept-Language", tt.accept)
		if tt.cookie != "" {
			c.Request.AddCookie(&http.Cookie{Name: cookieLang, Value: tt.cookie})
		}
		r := &Request{c: c, Lang: chooseLanguage(c.Request)}
		if got := r.LetterLang(); got != tt.want {
			t.Errorf("%q, chosen %q: %q, want %q", tt.accept, tt.cookie, got, tt.want)
		}
	}
}
