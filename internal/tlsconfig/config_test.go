package tlsconfig

import (
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

// server shakes hands as the authority's server for hosts, and reports the SNI it saw and the
// number of client certificates.
type server struct {
	conf  *tls.Config
	sni   string
	certs int
}

func newServer(t *testing.T, ca *resptest.Authority, hosts ...string) *server {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(ca.Issue(hosts...))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{}
	s.conf = &tls.Config{
		Certificates: []tls.Certificate{cert},
		ClientAuth:   tls.VerifyClientCertIfGiven,
		ClientCAs:    ca.Pool,
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			s.sni = hello.ServerName
			return nil, nil
		},
	}
	return s
}

// shake connects to the server as to host, the way a dialler fills in the name.
func (s *server) shake(t *testing.T, o Options, host string) error {
	t.Helper()
	conf, _, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	if conf.ServerName == "" {
		conf.ServerName = host
	}
	here, there := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer there.Close()
		conn := tls.Server(there, s.conf)
		if conn.Handshake() == nil {
			s.certs = len(conn.ConnectionState().PeerCertificates)
			conn.Write([]byte("+"))
		}
	}()
	conn := tls.Client(here, conf)
	_, err = conn.Read(make([]byte, 1))
	here.Close()
	<-done
	return err
}

func TestTheNameIsVerifiedAndSent(t *testing.T) {
	ca := resptest.NewAuthority(t)
	for _, c := range []struct {
		cert, host string
		options    Options
		sni, fails string
	}{
		{"db.test", "db.test", Options{}, "db.test", ""},
		{"db.test", "other.test", Options{}, "other.test", "certificate is valid for db.test, not other.test"},
		{"db.test", "other.test", Options{ServerName: "db.test"}, "db.test", ""},
		{"db.test", "db.test", Options{ServerName: "other.test"}, "other.test", "not other.test"},
		{"127.0.0.1", "127.0.0.1", Options{}, "", ""},
		{"db.test", "127.0.0.1", Options{}, "", "doesn't contain any IP SANs"},
		{"db.test", "127.0.0.1", Options{ServerName: "db.test"}, "db.test", ""},
		{"db.test", "other.test", Options{Insecure: true}, "other.test", ""},
	} {
		c.options.CACert = ca.CAFile
		s := newServer(t, ca, c.cert)
		err := s.shake(t, c.options, c.host)
		if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) || s.sni != c.sni {
			t.Errorf("%+v: SNI %q, %v", c, s.sni, err)
		}
	}
}

func TestRoots(t *testing.T) {
	ca, other := resptest.NewAuthority(t), resptest.NewAuthority(t)
	s := newServer(t, ca, "db.test")
	for name, c := range map[string]struct {
		options Options
		trusted bool
	}{
		"file":           {Options{CACert: ca.CAFile}, true},
		"directory":      {Options{CACertDir: filepath.Dir(ca.CAFile)}, true},
		"both":           {Options{CACert: other.CAFile, CACertDir: filepath.Dir(ca.CAFile)}, true},
		"other":          {Options{CACert: other.CAFile}, false},
		"system":         {Options{}, false},
		"system, unsafe": {Options{Insecure: true}, true},
	} {
		if err := s.shake(t, c.options, "db.test"); (err == nil) != c.trusted {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVersions(t *testing.T) {
	ca := resptest.NewAuthority(t)
	s := newServer(t, ca, "db.test")
	s.conf.MaxVersion = tls.VersionTLS11
	s.conf.MinVersion = tls.VersionTLS10
	if err := s.shake(t, Options{CACert: ca.CAFile}, "db.test"); err == nil {
		t.Error("TLS 1.1 was good enough")
	}
	s.conf.MaxVersion = tls.VersionTLS12
	if err := s.shake(t, Options{CACert: ca.CAFile}, "db.test"); err != nil {
		t.Errorf("TLS 1.2: %v", err)
	}
	if err := s.shake(t, Options{CACert: ca.CAFile, MinVersion: tls.VersionTLS13}, "db.test"); err == nil {
		t.Error("TLS 1.2 was good enough for 1.3")
	}
}

func TestCiphers(t *testing.T) {
	ca := resptest.NewAuthority(t)
	s := newServer(t, ca, "db.test")
	s.conf.MaxVersion = tls.VersionTLS12
	s.conf.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}
	for list, ok := range map[string]bool{
		"ECDHE-ECDSA-AES256-GCM-SHA384":                               true,
		"ECDHE-RSA-AES128-GCM-SHA256:ecdhe-ecdsa-aes256-gcm-sha384":   true,
		"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384":                     true,
		"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305": false,
	} {
		if err := s.shake(t, Options{CACert: ca.CAFile, Ciphers: list}, "db.test"); (err == nil) != ok {
			t.Errorf("%s: %v", list, err)
		}
	}
	for _, c := range ciphers {
		if name := tls.CipherSuiteName(c.id); strings.HasPrefix(name, "0x") {
			t.Errorf("%s: no such suite", c.name)
		}
	}
}

// crypto/tls has no say over the suite that TLS 1.3 settles on, so one of the two runs must end.
func TestSuitesThatWereNotAskedForEndTheHandshake(t *testing.T) {
	ca := resptest.NewAuthority(t)
	s := newServer(t, ca, "db.test")
	all := "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
	if err := s.shake(t, Options{CACert: ca.CAFile, Suites: all}, "db.test"); err != nil {
		t.Errorf("all suites: %v", err)
	}
	refused := 0
	for _, suite := range strings.Split(all, ":") {
		err := s.shake(t, Options{CACert: ca.CAFile, Suites: suite}, "db.test")
		if err != nil {
			refused++
			if !strings.Contains(err.Error(), "which --tls-ciphersuites does not allow") {
				t.Errorf("%s: %v", suite, err)
			}
		}
	}
	if refused != 2 {
		t.Errorf("%d of 3 suites refused, not 2", refused)
	}
}

func TestClientCertificates(t *testing.T) {
	ca := resptest.NewAuthority(t)
	s := newServer(t, ca, "db.test")
	s.conf.ClientAuth = tls.RequireAndVerifyClientCert
	if err := s.shake(t, Options{CACert: ca.CAFile}, "db.test"); err == nil {
		t.Error("no certificate was asked for")
	}
	cert, key := ca.Issue("client.test")
	o := Options{CACert: ca.CAFile, Cert: cert, Key: key}
	if err := s.shake(t, o, "db.test"); err != nil || s.certs != 1 {
		t.Errorf("%d certificates, %v", s.certs, err)
	}
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, warnings, err := o.Config(); err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "can be read") {
		t.Errorf("a key for everybody: %q, %v", warnings, err)
	}
}

func TestOptionsThatCannotBeHonoured(t *testing.T) {
	ca := resptest.NewAuthority(t)
	cert, key := ca.Issue("client.test")
	_, otherKey := ca.Issue("other.test")
	locked := filepath.Join(t.TempDir(), "locked.key")
	pem := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
	if err := os.WriteFile(locked, []byte(pem), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		"--tls-ciphers: \"HIGH\" is not":             {Ciphers: "HIGH:!aNULL"},
		"--tls-ciphersuites: \"TLS_NOPE\" is no":     {Suites: "TLS_NOPE"},
		"--key needs --cert":                         {Key: key},
		"reading --cert: open /nowhere":              {Cert: "/nowhere"},
		"reading --key: open /nowhere":               {Cert: cert, Key: "/nowhere"},
		"reading --cert and --key: tls: private key": {Cert: cert, Key: otherKey},
		"is encrypted; write an open one":            {Cert: cert, Key: locked},
		"reading --cacert: open /nowhere":            {CACert: "/nowhere"},
		"reading --cacert: no certificate in":        {CACert: key},
		"reading --cacertdir: open /nowhere":         {CACertDir: "/nowhere"},
		"reading --cacertdir: no certificate in":     {CACertDir: t.TempDir()},
	} {
		if conf, _, err := o.Config(); conf != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %s", o, err, want)
		}
	}
}
