# The commands of this project. `make` lists them.
MVN ?= mvn -B -ntp -Dstyle.color=never
# The highest JDK beside the one that builds, if there is any.
NEWEST_JDK ?= $(shell scripts/newest-jdk.sh)
# How long `make faults` searches: short, long, or a part of the long form such as 20%.
FORM ?= short
# Agent and server are tested side by side. The server's jar carries the agent's, which so must be there before.
TOGETHER = -T2
# Random cases run for long enough that both of the JVM's compilers pay.
LONG = -Dtests.jvm=-XX:+UseSerialGC
AGENT_JAR = agent/target/restic-fleet-agent.jar

help:             ## list the commands
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t21

build:            ## server/target/restic-fleet.jar (agent inside) and agent/target/restic-fleet-agent.jar
	@scripts/install-deps.sh build
	@echo "building"
	@$(MVN) -q package -DskipTests

$(AGENT_JAR): pom.xml $(shell find shared-protocol agent -path '*/target' -prune -o -path '*/src/test' -prune -o -type f -print)
	@scripts/install-deps.sh build
	@echo "building the agent"
	@$(MVN) -q package -DskipTests -pl agent -am

demo: build       ## a server, an agent and a local repository: back up real files, show them, keep running
	@scripts/demo.sh

run: build        ## the server alone, with its data in ./data
	@scripts/run.sh

test: $(AGENT_JAR) ## every test but faults, with the installed restic and newer ones: under 20 minutes
	@scripts/install-deps.sh test
	@scripts/newer-restic.sh
	@scripts/s3proxy.sh
	@echo "testing; on two cores, this takes up to 20 minutes, longer while restics and libraries are downloaded"
	@scripts/test.sh $(MVN) verify $(TOGETHER)

test-newest-jdk: $(AGENT_JAR) ## the tests but e2e, the slow ones and those of pages, on the newest JDK of this machine
	@scripts/install-deps.sh test
	@if [ -z "$(NEWEST_JDK)" ]; then \
		echo "test-newest-jdk: SKIPPED, no JDK newer than the default one is installed"; \
	else \
		echo "test-newest-jdk: tests run on $(NEWEST_JDK)"; \
		scripts/test.sh $(MVN) verify $(TOGETHER) -pl '!e2e' -Dtest.java.home=$(NEWEST_JDK) -Dtests.browser=false \
			-Dtests.unwanted=faults,slow -Dtests.excluded='**/page/**'; \
	fi

faults:           ## search for lost or doubled runs under faults; FORM=short, long or 20% (of the long form)
	@scripts/install-deps.sh test faults
	@scripts/newer-restic.sh
	@scripts/test.sh $(MVN) verify $(LONG) -Dtests.wanted=faults -Dtests.unwanted= -Dfaults.form=$(FORM)

faults-short: $(AGENT_JAR) ## a short part of that, always the same: kills, a bad network, cron and the simulations
	@scripts/install-deps.sh test
	@scripts/newer-restic.sh
	@scripts/test.sh $(MVN) verify $(TOGETHER) $(LONG) -Dtests.wanted=faults -Dtests.unwanted= -Dfaults.form=short -Dfaults.seed=1 -Dfaults.seeds=1 \
		-Dtest=SimulationTest,AlertYearTest,KillTest,ChaosTest,RandomCronTest -Dsurefire.failIfNoSpecifiedTests=false

retention-agreement: ## compare retention with restic's own in 5,000 cases, and run 5,000 random attacks on it
	@scripts/install-deps.sh test
	@scripts/newer-restic.sh
	@scripts/test.sh $(MVN) verify -pl server -am $(LONG) -Dtest='KeepTiersTest,HonestHistoryTest,AttackTest' -Dsurefire.failIfNoSpecifiedTests=false \
		-Dretention.cases=5000 -Dretention.scripts=5000 -Dretention.histories=60

attacks:          ## 100 random attacks on a real repository behind an append-only rest-server: about 2 hours
	@scripts/install-deps.sh test
	@scripts/newer-restic.sh
	@scripts/test.sh $(MVN) verify -pl server -am -Dtests.unwanted= -Dtest=AppendOnlyAttackTest -Dsurefire.failIfNoSpecifiedTests=false -Dattacks.scripts=100

versitygw:        ## build versitygw, an S3 server with users, with this machine's Go; tests then run against it too
	@GOBIN="$(CURDIR)/.tools/versitygw-1.8.0" go install github.com/versity/versitygw/cmd/versitygw@v1.8.0

azurite:          ## fetch Azurite, Microsoft's emulator of Azure's storage, with npm, and build restic with Go; tests then run against it
	@npm install --no-audit --no-fund --ignore-scripts --prefix .tools/azurite-3.37.0 azurite@3.37.0
	@ln -sf node_modules/.bin/azurite-blob .tools/azurite-3.37.0/azurite-blob
	@GOBIN="$(CURDIR)/.tools/upstream-restic-0.19.1" go install github.com/restic/restic/cmd/restic@v0.19.1

bench: build      ## measure, and write docs/benchmarks.md
	@scripts/bench.sh

screenshots:      ## take a picture of every page, to docs/screenshots
	@scripts/install-deps.sh test
	@$(MVN) -q verify -pl server -am -Dtest=Screenshots -Dsurefire.failIfNoSpecifiedTests=false

format:           ## rewrite sources to the house format
	@$(MVN) -q spotless:apply

lint:             ## format, compiler warnings as errors, shell scripts, systemd units
	@scripts/install-deps.sh build lint
	@scripts/lint-shell.sh
	@scripts/lint-units.sh
	@$(MVN) -q spotless:check test-compile

clean:            ## remove what was built
	@$(MVN) -q clean

.PHONY: help build demo run test test-newest-jdk faults faults-short retention-agreement attacks versitygw azurite bench screenshots format lint clean
