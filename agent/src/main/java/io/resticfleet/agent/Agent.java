package io.resticfleet.agent;

import io.resticfleet.agent.alarm.LocalAlarm;
import io.resticfleet.agent.config.AgentVersion;
import io.resticfleet.agent.config.Environment;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.job.DueRuns;
import io.resticfleet.agent.job.JobContext;
import io.resticfleet.agent.job.JobLogs;
import io.resticfleet.agent.job.Journal;
import io.resticfleet.agent.job.Results;
import io.resticfleet.agent.job.Retries;
import io.resticfleet.agent.job.RunIds;
import io.resticfleet.agent.job.Runner;
import io.resticfleet.agent.job.ServerAnswers;
import io.resticfleet.agent.job.SnapshotLists;
import io.resticfleet.agent.job.SourceHistory;
import io.resticfleet.agent.link.Deletion;
import io.resticfleet.agent.link.Outbox;
import io.resticfleet.agent.link.Pins;
import io.resticfleet.agent.link.ServerEpoch;
import io.resticfleet.agent.link.ServerLink;
import io.resticfleet.agent.path.PathLooks;
import io.resticfleet.agent.policy.PolicyReporter;
import io.resticfleet.agent.question.LocalAnswers;
import io.resticfleet.agent.question.LockQuestion;
import io.resticfleet.agent.question.QuestionLane;
import io.resticfleet.agent.reading.RepositoryAccess;
import io.resticfleet.agent.reading.SnapshotReading;
import io.resticfleet.agent.reading.TreeLane;
import io.resticfleet.agent.reading.Uploads;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.restic.KnownRepositories;
import io.resticfleet.agent.restic.LockLookup;
import io.resticfleet.agent.restic.ResticEnvironment;
import io.resticfleet.agent.restore.FreeSpace;
import io.resticfleet.agent.restore.Restores;
import io.resticfleet.agent.schedule.DueListener;
import io.resticfleet.agent.schedule.DueTime;
import io.resticfleet.agent.schedule.Planner;
import io.resticfleet.agent.schedule.ScheduleStore;
import io.resticfleet.agent.schedule.Ticker;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.upgrade.Jar;
import io.resticfleet.agent.upgrade.Trial;
import io.resticfleet.agent.upgrade.UpgradePolicy;
import io.resticfleet.agent.upgrade.Upgrader;
import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Wires the agent. Only this class knows every part; it shows what the agent consists of. */
final class Agent implements AutoCloseable {

    private static final System.Logger log = System.getLogger(Agent.class.getName());

    private final ServerLink link;
    private final Ticker ticker;
    private final Runner runner;
    private final SnapshotReading reading;

    private Agent(ServerLink link, Ticker ticker, Runner runner, SnapshotReading reading) {
        this.reading = reading;
        this.link = link;
        this.ticker = ticker;
        this.runner = runner;
    }

    /**
     * How this program is upgraded.
     *
     * @param jar the program's jar; absent if it does not run from one
     * @param trial trial of a version just installed; it ends at the server's welcome
     * @param leave ends the program, which the service manager restarts
     */
    record Upgrades(Optional<Jar> jar, UpgradePolicy policy, Optional<Trial> trial, Runnable leave) {}

    /** Returns when everything runs; connects in the background. */
    static Agent start(StateDirectory state, Identity identity, Environment environment, Upgrades upgrades) {
        state.reserve().restore();
        var credentials = CredentialStore.open(state);
        var journal = Journal.open(state);
        var outbox = Outbox.open(state);
        var runIds = RunIds.open(state);
        var deletion = Deletion.open(state);
        var epoch = ServerEpoch.open(state, identity.hostId(), runIds::hasClone);
        var logs = new JobLogs(journal, credentials, environment.clock());
        var results = new Results(outbox, journal, logs, environment.clock());
        var snapshots = new SnapshotLists(state, results);
        var pins = identity.pins();
        pins.ifPresent(trusted -> trusted.onChange(keys -> state.writeJson(Identity.FILE, identity.trusting(keys))));
        var client = environment.platform().client().apply(pins);
        var link = new ServerLink(new ServerLink.Settings(
                identity.server(),
                client,
                environment.linkTimes(),
                environment.platform().threads(),
                environment.nanos(),
                environment.platform().random().get()));
        outbox.onAdded(link::wake);
        logs.onAdded(link::wake);
        snapshots.onAdded(link::wake);
        snapshots.follow(credentials.each());

        var retries = Retries.open(
                state, environment.clock(), environment.platform().random().get());
        var history = SourceHistory.open(state);
        var resticEnvironment =
                new ResticEnvironment(state, environment.restic().searchPath());
        var answers = new ServerAnswers(state, link::sendIfConnected, environment.nanos());
        var restores = Restores.of(environment.policy(), state, environment.clock(), FreeSpace.OF_SYSTEM);
        var context = new JobContext(
                state,
                environment.restic(),
                environment.platform().programs(),
                resticEnvironment,
                credentials,
                KnownRepositories.open(state),
                journal,
                logs,
                results,
                snapshots,
                answers,
                runIds,
                retries,
                new PathLooks(environment.fstab(), environment.platform().threads(), environment.nanos()),
                history,
                restores,
                environment.policy(),
                environment.platform().threads(),
                environment.limits(),
                environment.clock(),
                environment.nanos(),
                environment.platform().uptime(),
                link::offer);
        var runner = Runner.start(context);
        var upgrader = new Upgrader(new Upgrader.Settings(
                state,
                upgrades.jar(),
                AgentVersion.text(),
                upgrades.policy(),
                client,
                identity.server().http(Protocol.AGENT_JAR_PATH),
                identity.server().warning(),
                environment.platform().threads(),
                environment.clock(),
                runner::stopIfIdle,
                link::sendIfConnected,
                upgrades.leave()));
        var dueRuns = new DueRuns(
                runIds,
                journal,
                results,
                runner,
                retries,
                link::sendIfConnected,
                environment.nanos(),
                answers::plansRetention,
                () -> credentials
                        .pause()
                        .filter(pause -> pause.isActive(environment.clock().instant())));
        var planner =
                new Planner(environment.clock(), environment.zone(), credentials::pause, state, dueListener(dueRuns));
        var configs = new ConfigUpdates(credentials, planner, snapshots, runner);
        var schedules = ScheduleStore.open(state, set -> {
            planner.follow(set);
            retries.follow(set.schedules());
            history.follow(set);
        });

        var reading = SnapshotReading.of(
                new RepositoryAccess(credentials, environment.policy(), state.root()),
                environment.restic(),
                resticEnvironment,
                new Uploads(
                        client, identity.server()::http, environment.platform().threads(), environment.nanos()),
                environment.platform().threads(),
                link::sendIfConnected);
        var questions = new QuestionLane(
                environment.policy(),
                new LocalAnswers(
                        environment.fstab(),
                        resticEnvironment.ssh(),
                        new LockQuestion(
                                credentials,
                                new LockLookup(environment.restic(), resticEnvironment.aside()),
                                environment.policy(),
                                state.root()),
                        restores,
                        reading.answers(),
                        environment.policy(),
                        environment.nanos()),
                environment.platform().threads(),
                environment.nanos(),
                link::sendIfConnected);
        var policyReporter = new PolicyReporter(environment.policy(), link::sendIfConnected);

        var dispatch = Dispatch.<ServerLink, ToAgent>of(ToAgent.class)
                .on(ToAgent.Challenge.class, Agent::refuseHandshake)
                .on(ToAgent.Welcome.class, Agent::refuseHandshake)
                .on(ToAgent.Reject.class, Agent::refuseHandshake)
                .on(ToAgent.ConfigUpdate.class, configs::received)
                .on(ToAgent.SnapshotsAsk.class, (from, ask) -> snapshots.asked())
                .on(ToAgent.SnapshotsWanted.class, (from, wanted) -> snapshots.wanted(wanted))
                .on(ToAgent.SnapshotsStored.class, (from, stored) -> snapshots.stored(stored))
                .on(ToAgent.ScheduleSet.class, (from, set) -> from.send(schedules.receive(set)))
                .on(ToAgent.ScheduleAsk.class, (from, ask) -> from.send(schedules.held(credentials.find())))
                .on(ToAgent.CommandRun.class, (from, command) -> run(dueRuns, from, command))
                .on(ToAgent.CommandHold.class, (from, hold) -> dueRuns.hold(hold))
                .on(ToAgent.CommandRefuse.class, (from, refusal) -> dueRuns.refuse(refusal))
                .on(ToAgent.CommandCancel.class, (from, cancel) -> dueRuns.cancel(cancel))
                .on(ToAgent.Question.class, (from, question) -> questions.ask(question))
                .on(ToAgent.TreeWanted.class, (from, wanted) -> reading.lane().wanted(wanted))
                .on(ToAgent.QuestionCancel.class, (from, cancel) -> questions.cancel(cancel))
                .on(ToAgent.RetentionPlan.class, (from, plan) -> answers.answered(plan))
                .on(ToAgent.CredentialsGrant.class, (from, grant) -> answers.answered(grant))
                .on(ToAgent.EventAck.class, (from, ack) -> results.acked(ack.sequence()))
                .on(ToAgent.LogAck.class, (from, ack) -> results.logAcked(ack.jobId(), ack.sequence()))
                .on(
                        ToAgent.CloneNotice.class,
                        (from, notice) -> distinguishFromClone(runIds, notice, environment.clock()))
                .on(ToAgent.AgentUpgrade.class, (from, order) -> upgrader.ordered(order))
                .on(
                        ToAgent.Error.class,
                        (from, error) -> log.log(
                                Level.WARNING,
                                "the server could not use a message: " + error.code() + ": " + error.detail()))
                .build();
        var hellos = new Hellos(
                identity,
                environment,
                epoch,
                planner::zone,
                () -> new Hellos.Progress(outbox.acked(), schedules.version(), results.openJobs()),
                link::reconnect);
        link.start(new ServerLink.Handlers(
                hellos::answer,
                () -> new ToServer.Heartbeat(environment.clock().instant(), results.jobs(), state.disk()),
                dispatch,
                schedules::refuseTooLarge,
                List.of(outbox, snapshots, logs),
                connectionListener(
                        dueRuns,
                        questions,
                        reading.lane(),
                        snapshots,
                        answers,
                        epoch,
                        outbox,
                        pins,
                        deletion,
                        results,
                        environment.clock(),
                        () -> {
                            policyReporter.connected();
                            upgrades.trial().ifPresent(Trial::welcomed);
                            upgrader.connected();
                        })));
        var alarm = new LocalAlarm(
                state,
                environment.policy(),
                identity.server().toString(),
                identity.hostname(),
                link::connected,
                deletion::isDeleted,
                environment.platform().client().apply(Optional.empty()),
                environment.platform().threads(),
                environment.clock());
        results.onBackupFailed(alarm::failed);
        var ticker = Ticker.start(
                environment.platform().threads(),
                environment.tick(),
                List.of(
                        unlessDeleted(deletion, planner::tick),
                        hellos::tick,
                        unlessDeleted(deletion, dueRuns::tick),
                        results::reportLostResults,
                        policyReporter::tick,
                        alarm::tick,
                        () -> outbox.tidy(
                                LocalDate.ofInstant(environment.clock().instant(), ZoneOffset.UTC)),
                        state.reserve()::restore));
        return new Agent(link, ticker, runner, reading);
    }

    /** Whether the server is connected. */
    boolean connected() {
        return link.connected();
    }

    /** Stops the agent. A running restic continues, and the next start takes it over. */
    @Override
    public void close() {
        ticker.close();
        reading.close();
        link.close();
        runner.close();
    }

    private static void run(DueRuns dueRuns, ServerLink from, ToAgent.CommandRun command) {
        if (!dueRuns.run(command)) {
            from.send(new ToServer.Error(
                    "too_many_jobs", "this machine has thousands of jobs that have not run or are not reported yet"));
        }
    }

    private static void distinguishFromClone(RunIds runIds, ToAgent.CloneNotice notice, InstantSource clock) {
        log.log(
                Level.ERROR,
                "another machine has the same identity, such as a clone; both keep running and take turns at the"
                        + " server. On the copy, move the state directory away and enrol it again");
        runIds.distinguishFromClone(notice.since(), clock.instant());
    }

    private static void refuseHandshake(ServerLink from, ToAgent message) {
        from.send(new ToServer.Error("unexpected", "unexpected after the handshake"));
    }

    private static ServerLink.ConnectionListener connectionListener(
            DueRuns dueRuns,
            QuestionLane questions,
            TreeLane treeLane,
            SnapshotLists snapshots,
            ServerAnswers answers,
            ServerEpoch epoch,
            Outbox outbox,
            Optional<Pins> pins,
            Deletion deletion,
            Results results,
            InstantSource clock,
            Runnable welcomed) {
        return new ServerLink.ConnectionListener() {
            @Override
            public void connected(ToAgent.Welcome welcome) {
                deletion.revoked();
                epoch.welcomed(welcome, outbox);
                answers.welcomed(welcome);
                welcome.pins().ifPresent(keys -> pins.ifPresent(trusted -> trusted.follow(keys)));
                dueRuns.connected();
                welcomed.run();
            }

            @Override
            public void disconnected() {
                dueRuns.disconnected();
                questions.disconnected();
                treeLane.disconnected();
                snapshots.disconnected();
            }

            @Override
            public void rejected(ToAgent.Reject reject) {
                if (reject.endsSchedules()) {
                    deletion.reported(reject, clock.instant());
                    results.openJobs().forEach(job -> dueRuns.cancel(new ToAgent.CommandCancel(job)));
                }
            }
        };
    }

    private static Runnable unlessDeleted(Deletion deletion, Runnable work) {
        return () -> {
            if (!deletion.isDeleted()) {
                work.run();
            }
        };
    }

    private static DueListener dueListener(DueRuns dueRuns) {
        return new DueListener() {
            @Override
            public boolean busy(ScheduleId scheduleId) {
                return dueRuns.busy(scheduleId);
            }

            @Override
            public void run(Schedule schedule, DueTime time, long scheduleVersion) {
                dueRuns.due(schedule, time.at(), time.life(), scheduleVersion);
            }

            @Override
            public void missed(Schedule schedule, Instant since, DueTime time, String reason) {
                dueRuns.missed(schedule, since, time.at(), time.life(), reason);
            }
        };
    }
}
