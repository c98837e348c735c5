package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// Ports lie below 32768, the beginning of the ephemeral range: above it a
// client that reconnects to a stopped server may connect to itself and take
// the port.
const (
	lowestPort = 20000
	portCount  = 12000
)

func (p *place) portFile() string { return filepath.Join(p.dir, "ports.json") }

func (p *place) loadPorts() error {
	p.ports = map[string]int{}
	content, err := os.ReadFile(p.portFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read ports: %w", err)
	}
	if err := json.Unmarshal(content, &p.ports); err != nil {
		// Written by a program that was killed: the ports are only a comfort.
		p.ports = map[string]int{}
	}
	return nil
}

// port returns the remembered port of a server, or another when that one is
// taken, and remembers it.
func (p *place) port(name string) (int, error) {
	port, err := FreePort(p.ports[name])
	if err != nil {
		return 0, err
	}
	p.ports[name] = port
	content, err := json.Marshal(p.ports)
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(p.portFile(), content, 0o600); err != nil {
		return 0, fmt.Errorf("remember ports: %w", err)
	}
	return port, nil
}

// PagesPort is where pages of the servers are shown: where they were the last
// time, at first on the port wanted, or another when that one is taken.
func (s *Servers) PagesPort(wanted int) (int, error) {
	if s.place.ports["pages"] == 0 {
		s.place.ports["pages"] = wanted
	}
	return s.place.port("pages")
}

// FreePort returns wanted if nothing listens there on the loopback address,
// else some free port below 32768.
func FreePort(wanted int) (int, error) {
	if wanted > 0 && free(wanted) {
		return wanted, nil
	}
	for range 200 {
		if port := lowestPort + rand.IntN(portCount); free(port) {
			return port, nil
		}
	}
	return 0, trouble(nil, "su 127.0.0.1 non c’è una porta libera tra 20000 e 32000: ferma qualche altro programma",
		"no free port between 20000 and 32000 on 127.0.0.1: stop some other program")
}

func free(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
