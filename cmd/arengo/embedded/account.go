package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who the servers run as. PostgreSQL refuses to run as root.
type account struct {
	name     string
	uid, gid int
	drop     bool // this program is root and must change user
}

func unprivileged() (account, error) {
	if os.Geteuid() != 0 {
		return account{name: strconv.Itoa(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		if err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		gid, err := strconv.Atoi(u.Gid)
		if err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		return account{name: name, uid: uid, gid: gid, drop: true}, nil
	}
	return account{}, trouble(nil,
		"sei root e non c’è un utente postgres né nobody con cui far girare il database: aggiungine uno, o avvia il programma da utente normale",
		"running as root, and there is neither a user postgres nor nobody for the database to run as: add one, or run as an ordinary user")
}

// folderMode lets the servers' user pass through our folder without listing it.
func (a account) folderMode() os.FileMode {
	if a.drop {
		return 0o711
	}
	return 0o700
}

// reaches reports whether the account may pass through dir and every folder
// above it.
func (a account) reaches(dir string) bool {
	if !a.drop {
		return true
	}
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		owner := uint32(a.uid + 1)
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			owner = st.Uid
		}
		mine := owner == uint32(a.uid) && info.Mode()&0o100 != 0
		if !mine && info.Mode()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
		dir = filepath.Dir(dir)
	}
}

func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	if err := os.Chown(path, a.uid, a.gid); err != nil {
		return fmt.Errorf("give %s to user %s: %w", path, a.name, err)
	}
	return nil
}

// write writes a file that only the account may read.
func (a account) write(path, content string) error {
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return a.own(path)
}

func short(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}
