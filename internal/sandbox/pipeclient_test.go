package sandbox_test

import (
	"strconv"
	"sync"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/sandbox"
)

// TestItIsAnAddress runs the program's own connection on it, handshake included.
func TestItIsAnAddress(t *testing.T) {
	s, err := sandbox.New(sandbox.Options{Empty: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := pipeclient.Dial(t.Context(), pipeclient.Config{Dial: s.Dial, DB: 2, Proto: 3, Name: "me"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var callers sync.WaitGroup
	for caller := range 16 {
		callers.Go(func() {
			for i := range 200 {
				key := strconv.Itoa(caller*1000 + i)
				if v, err := conn.Do(t.Context(), "SET", key, key); err != nil || v.Text != "OK" {
					t.Errorf("SET: got %+v, %v", v, err)
				}
				if v, err := conn.Do(t.Context(), "GET", key); err != nil || v.Text != key {
					t.Errorf("GET %s: got %+v, %v", key, v, err)
				}
			}
		})
	}
	callers.Wait()
	if v, err := conn.Do(t.Context(), "DBSIZE"); err != nil || v.Int != 3200 {
		t.Errorf("DBSIZE: got %+v, %v", v, err)
	}
	if _, err := pipeclient.Dial(t.Context(), pipeclient.Config{Dial: s.Dial, DB: 99}); err == nil {
		t.Error("database 99 was let through")
	}
}
