package webhook

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "2606:2800:220:1::1": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "127.1.2.3": false, "0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "172.16.0.1": false,
		"192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "192.0.0.1": false, "198.18.0.1": false,
		"224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false, "203.0.113.9": false,
		"::1": false, "::": false, "fe80::1": false, "fd00::1": false, "fc00::1": false, "ff02::1": false, "::ffff:127.0.0.1": false,
		"::ffff:169.254.169.254": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false, "::127.0.0.1": false, "fe80::1%eth0": false,
	} {
		if public(netip.MustParseAddr(text)) != want {
			t.Errorf("%s: want public %v", text, want)
		}
	}
}

// A public name whose address is inside is refused when it is dialled, after
// the name was resolved; here every name leads to this machine.
func TestNamesThatLeadInside(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"} {
		_, err := client(false).Post("http://"+host+":"+port, "application/json", strings.NewReader("{}"))
		if err == nil || reason(err) != ReasonPrivate {
			t.Errorf("%s: %v", host, err)
		}
	}
	if asked.Load() != 0 {
		t.Error("the server inside was asked")
	}
	res, err := client(true).Post(server.URL, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	res, err := client(true).Post(server.URL, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusTemporaryRedirect || asked.Load() != 1 {
		t.Errorf("status %d, asked %d times", res.StatusCode, asked.Load())
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	if _, err := client(true).Post(server.URL, "", nil); err == nil || reason(err) != ReasonTLS {
		t.Errorf("a certificate of nobody: %v", err)
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	if _, err := client(true).Post(closed.URL, "", nil); err == nil || reason(err) != ReasonConnect {
		t.Errorf("nobody listens: %v", err)
	}
	if _, err := client(true).Post("http://nessuno.invalid/", "", nil); err == nil || reason(err) != ReasonName && reason(err) != ReasonTimeout {
		t.Errorf("a name of nobody: %v", err)
	}
}

func TestPausesTakeThreeDays(t *testing.T) {
	t.Parallel()
	total := 0.0
	for n := 1; n < Attempts; n++ {
		wait := pause(n)
		if wait <= 0 || wait < pauses[n-1]*9/10 || wait > pauses[n-1]*11/10 {
			t.Errorf("after %d attempts: %v", n, wait)
		}
		total += pauses[n-1].Hours()
	}
	if pause(Attempts) != 0 || total < 65 || total > 76 {
		t.Errorf("%v hours in all, then %v", total, pause(Attempts))
	}
}
