package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"easycli/internal/pipeclient"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
)

// workerWord as first argument makes this program measure one client and print its rate.
const workerWord = "-worker"

// What the workers read.
const (
	doKey   = "bench:key"
	doValue = "a value of some thirty-two bytes"
)

// get reads doKey with one client; the clients are shared by all goroutines, as they come.
type get func(ctx context.Context) (string, error)

const ourClient = "easycli"

var clientNames = []string{ourClient, "rueidis", "go-redis"}

// clients connect to a server; the second value closes the connection.
var clients = map[string]func(ctx context.Context, addr string) (get, func(), error){
	ourClient:  dialEasycli,
	"rueidis":  dialRueidis,
	"go-redis": dialGoRedis,
}

// worker is told the client, the server, the goroutines and how long.
func worker(args []string) error {
	if len(args) != 4 || clients[args[0]] == nil {
		return errors.New("a worker needs client, server, goroutines and period")
	}
	goroutines, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	period, err := time.ParseDuration(args[3])
	if err != nil {
		return err
	}
	ctx := context.Background()
	one, closeClient, err := clients[args[0]](ctx, args[1])
	if err != nil {
		return err
	}
	defer closeClient()
	rate, err := measureRate(ctx, one, goroutines, period)
	if err != nil {
		return err
	}
	fmt.Println(rate)
	return nil
}

// measureRate calls one from many goroutines and counts the calls of the period, after a warm-up
// of a fifth of it.
func measureRate(ctx context.Context, one get, goroutines int, period time.Duration) (float64, error) {
	var (
		counting, ended atomic.Bool
		calls           atomic.Int64
		failure         error
		once            sync.Once
		wg              sync.WaitGroup
	)
	for range goroutines {
		wg.Go(func() {
			var mine int64
			for !ended.Load() {
				value, err := one(ctx)
				if err == nil && value != doValue {
					err = fmt.Errorf("got %q, want %q", value, doValue)
				}
				if err != nil {
					once.Do(func() { failure = err })
					return
				}
				if counting.Load() {
					mine++
				}
			}
			calls.Add(mine)
		})
	}
	time.Sleep(period / 5)
	begin := time.Now()
	counting.Store(true)
	time.Sleep(period)
	ended.Store(true)
	elapsed := time.Since(begin)
	wg.Wait()
	return float64(calls.Load()) / elapsed.Seconds(), failure
}

func dialEasycli(ctx context.Context, addr string) (get, func(), error) {
	conn, err := pipeclient.Dial(ctx, pipeclient.Config{Addr: addr})
	if err != nil {
		return nil, nil, err
	}
	one := func(ctx context.Context) (string, error) {
		value, err := conn.Do(ctx, "GET", doKey)
		return value.Text, err
	}
	return one, func() { conn.Close() }, nil
}

func dialRueidis(_ context.Context, addr string) (get, func(), error) {
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{addr}})
	if err != nil {
		return nil, nil, err
	}
	one := func(ctx context.Context) (string, error) {
		return client.Do(ctx, client.B().Get().Key(doKey).Build()).ToString()
	}
	return one, client.Close, nil
}

func dialGoRedis(_ context.Context, addr string) (get, func(), error) {
	client := redis.NewClient(&redis.Options{Addr: addr, PoolTimeout: time.Minute})
	one := func(ctx context.Context) (string, error) { return client.Get(ctx, doKey).Result() }
	return one, func() { client.Close() }, nil
}
