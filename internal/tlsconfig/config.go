// Package tlsconfig turns the TLS options of the command line into a *tls.Config.
//
// It guarantees that nothing is looser than asked for: certificates are verified with their host
// name unless Insecure says otherwise, TLS is 1.2 or newer, and a cipher that this program cannot
// honour is an error. It refuses to know about connections; it reads the files it is given and
// nothing else.
package tlsconfig

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Options are the TLS options as they were given; all of them may be zero.
type Options struct {
	// ServerName is sent as SNI and is the name the certificate must carry. Empty means the host
	// of the address, filled in by the one who dials; an IP address is verified and not sent.
	ServerName string
	// Insecure takes any certificate.
	Insecure bool
	// CACert and CACertDir are the trusted roots: a PEM file, and a directory of them. If either is
	// set the system's roots are not trusted, as in redis-cli.
	CACert, CACertDir string
	// Cert and Key are the client's certificate and its key, PEM files. A missing Key is looked for
	// in Cert.
	Cert, Key string
	// Ciphers limits TLS 1.2, Suites limits TLS 1.3: names separated by colons.
	Ciphers, Suites string
	// MinVersion is tls.VersionTLS12 unless it is set.
	MinVersion uint16
}

// Config builds the configuration. The warnings are sentences for the user.
func (o Options) Config() (conf *tls.Config, warnings []string, err error) {
	conf = &tls.Config{
		ServerName:         o.ServerName,
		InsecureSkipVerify: o.Insecure,
		MinVersion:         max(o.MinVersion, tls.VersionTLS12),
	}
	if o.Insecure {
		warnings = append(warnings, "the server's certificate is not verified (--insecure).")
	}
	if conf.RootCAs, err = o.roots(); err != nil {
		return nil, nil, err
	}
	if conf.CipherSuites, err = cipherIDs(o.Ciphers); err != nil {
		return nil, nil, err
	}
	if conf.VerifyConnection, err = onlySuites(o.Suites); err != nil {
		return nil, nil, err
	}
	if o.Cert == "" && o.Key == "" {
		return conf, warnings, nil
	}
	cert, warning, err := o.clientCertificate()
	if err != nil {
		return nil, nil, err
	}
	conf.Certificates = []tls.Certificate{cert}
	if warning != "" {
		warnings = append(warnings, warning)
	}
	return conf, warnings, nil
}

// roots is nil for the system's.
func (o Options) roots() (*x509.CertPool, error) {
	if o.CACert == "" && o.CACertDir == "" {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if o.CACert != "" {
		text, err := os.ReadFile(o.CACert)
		if err != nil {
			return nil, fmt.Errorf("reading --cacert: %w", err)
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("reading --cacert: no certificate in %s", o.CACert)
		}
	}
	if o.CACertDir != "" {
		return pool, addDirectory(pool, o.CACertDir)
	}
	return pool, nil
}

// addDirectory adds every file of a directory that holds certificates. (OpenSSL looks only at
// files that are named after the hash of their subject.)
func addDirectory(pool *x509.CertPool, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reading --cacertdir: %w", err)
	}
	found := false
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		found = pool.AppendCertsFromPEM(text) || found
	}
	if !found {
		return fmt.Errorf("reading --cacertdir: no certificate in %s", dir)
	}
	return nil
}

func (o Options) clientCertificate() (cert tls.Certificate, warning string, err error) {
	if o.Cert == "" {
		return cert, "", errors.New("--key needs --cert")
	}
	certText, err := os.ReadFile(o.Cert)
	if err != nil {
		return cert, "", fmt.Errorf("reading --cert: %w", err)
	}
	keyPath := o.Key
	if keyPath == "" {
		keyPath = o.Cert
	}
	keyText, err := os.ReadFile(keyPath)
	if err != nil {
		return cert, "", fmt.Errorf("reading --key: %w", err)
	}
	if encrypted(keyText) {
		return cert, "", fmt.Errorf("reading --key: %s is encrypted; "+
			"write an open one with: openssl pkey -in %s -out FILE", keyPath, keyPath)
	}
	if readableByOthers(keyPath) {
		warning = fmt.Sprintf("the private key %s can be read by other users.", keyPath)
	}
	if cert, err = tls.X509KeyPair(certText, keyText); err != nil {
		return cert, "", fmt.Errorf("reading --cert and --key: %w", err)
	}
	return cert, warning, nil
}

// encrypted reports whether a PEM text holds a key that needs a passphrase, in the present form or
// in OpenSSL's old one.
func encrypted(text []byte) bool {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return false
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
			return true
		}
	}
}

func readableByOthers(path string) bool {
	info, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}
