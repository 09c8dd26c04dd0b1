# make help lists the targets.

GO          ?= go
TESTFLAGS   ?=
FUZZTIME    ?= 20s
BENCHFLAGS  ?=
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
PLATFORMS   := linux/amd64 linux/arm64 darwin/arm64 windows/amd64
GOBUILD     := CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w"

# Folders with Go tests, bench (a module of its own) apart.
tested = $(sort $(dir $(shell find . -name '*_test.go' -not -path './bench/*' -not -path '*/testdata/*')))

.PHONY: help build cross test race soak fuzz golden bench lint cover clean redis

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/easycli, one static binary
	$(GOBUILD) -o bin/easycli ./cmd/easycli

cross: ## build for every platform, into dist/
	@for platform in $(PLATFORMS); do \
		os=$${platform%/*}; arch=$${platform#*/}; exe=; \
		[ $$os != windows ] || exe=.exe; \
		echo "dist/easycli-$$os-$$arch$$exe"; \
		GOOS=$$os GOARCH=$$arch $(GOBUILD) -o dist/easycli-$$os-$$arch$$exe ./cmd/easycli || exit 1; \
	done

test: redis ## run the tests; a missing redis-server is installed if possible, else said
	@GO=$(GO) .ci/test $(TESTFLAGS) ./...

race: redis ## run the tests under the race detector
	@GO=$(GO) .ci/test -race $(TESTFLAGS) ./...

soak: redis ## run also the tests that take minutes
	@EASYCLI_SOAK=1 GO=$(GO) .ci/test -count=1 -timeout 60m $(TESTFLAGS) ./...

fuzz: ## fuzz every target for FUZZTIME (20s) each
	@for dir in $(tested); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $${dir}*_test.go); do \
			echo "$$dir $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$dir || exit 1; \
		done; \
	done

golden: redis ## record the goldens anew from the real redis-cli
	@for dir in $(tested); do \
		if grep -qE 'flag\.Bool\("record"' $${dir}*_test.go; then \
			EASYCLI_REQUIRE_REDIS=1 $(GO) test -count=1 $$dir -record || exit 1; \
		fi; \
	done

bench: redis build ## measure against redis-cli, rueidis and go-redis; BENCHFLAGS='-quick -run pipe'
	@cd bench && $(GO) run -mod=mod . -easycli ../bin/easycli $(BENCHFLAGS)

lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt: $$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

cover: redis ## write the coverage of the tests to cover.out and print its sum
	@$(GO) test -coverpkg=./... -coverprofile=cover.out ./... >/dev/null
	@$(GO) tool cover -func=cover.out | tail -n 1

clean: ## remove what was built
	rm -rf bin dist cover.out

redis:
	@.ci/redis
