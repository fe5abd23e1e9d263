package io.resticfleet.agent.upgrade;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Release;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Upgrades this agent on its server's order, if the machine's owner allows it: download, verify, smoke-test, wait for
 * runs to end, install, restart. A failure before the last step changes nothing; after it, {@link Trial} takes over.
 *
 * <p>Safe for use by many threads; the work is done on a thread of its own.
 */
public final class Upgrader {

    private static final System.Logger log = System.getLogger(Upgrader.class.getName());

    private static final long MAX_BYTES = 100L * 1024 * 1024;
    private static final Duration DOWNLOAD_LIMIT = Duration.ofMinutes(10);
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    private final Settings settings;
    private ToServer.UpgradeReport latest = new ToServer.UpgradeReport("ready", Optional.empty(), Optional.empty());
    private boolean working;

    /**
     * What upgrading needs.
     *
     * @param jar absent if the agent does not run from one
     * @param version of this agent
     * @param source where the server offers its jar
     * @param exposed the warning if the jar could be replaced on its way; absent if it could not
     * @param stopWhenIdle true if no run is active, and none is started any more; false if one is active
     * @param send to the server, if connected
     * @param restart ends the program, which the unit starts again
     */
    public record Settings(
            StateDirectory state,
            Optional<Jar> jar,
            String version,
            UpgradePolicy policy,
            HttpClient client,
            URI source,
            Optional<String> exposed,
            Threads threads,
            InstantSource clock,
            BooleanSupplier stopWhenIdle,
            Consumer<ToServer> send,
            Runnable restart) {}

    public Upgrader(Settings settings) {
        this.settings = settings;
        Attempt.find(settings.state()).ifPresent(this::restoreReport);
    }

    /** Reports the failed attempt again, unless the jar has been replaced by hand since. */
    private void restoreReport(Attempt attempt) {
        if (attempt.failed().isPresent() && !attempt.from().equals(settings.version())) {
            Attempt.forget(settings.state());
        } else {
            attempt.failed().ifPresent(why -> latest = failed(attempt.to(), why));
        }
    }

    /** Reports the state of upgrades, after the server has accepted this agent. */
    public synchronized void connected() {
        settings.send().accept(refusal().map(Upgrader::off).orElse(latest));
    }

    /** Starts the upgrade that the server orders, unless one is in progress. */
    public synchronized void ordered(ToAgent.AgentUpgrade order) {
        var refusal = refusal();
        if (refusal.isPresent()) {
            settings.send().accept(off(refusal.get()));
        } else if (!working) {
            working = true;
            settings.threads().start("upgrade", () -> work(order, settings.jar().orElseThrow()));
        }
    }

    /** Why the server cannot upgrade this agent. */
    private Optional<String> refusal() {
        if (!settings.policy().allows()) {
            return Optional.of(
                    "the owner of this machine does not allow the server to replace the agent's program; to allow it"
                            + ", start the agent with RESTIC_FLEET_ALLOW_UPGRADES=1");
        }
        if (settings.exposed().isPresent()) {
            return Optional.of("anybody between server and agent could send another program: "
                    + settings.exposed().get());
        }
        if (settings.jar().isEmpty()) {
            return Optional.of("this agent does not run from a jar");
        }
        var jar = settings.jar().get();
        return jar.canBeReplaced()
                ? Optional.empty()
                : Optional.of("the agent cannot write to " + jar.file().getParent()
                        + ", for example as a read-only agent; run the install command on the machine instead");
    }

    private void work(ToAgent.AgentUpgrade order, Jar jar) {
        try {
            check(order);
            Attempt.forget(settings.state());
            report(working(order, "downloading the new jar"));
            new Download(settings.client(), settings.source(), DOWNLOAD_LIMIT)
                    .to(jar.incoming(), order.sha256(), order.size());
            report(working(order, "testing whether it starts here"));
            SmokeTest.run(jar.incoming(), order.version());
            jar.savePrevious();
            awaitIdle(order);
            install(order, jar);
            settings.restart().run();
        } catch (UpgradeFailed e) {
            giveUp(order, jar, e.getMessage());
        } catch (IOException | UncheckedIOException e) {
            giveUp(order, jar, "the new jar cannot be written beside the present one: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void check(ToAgent.AgentUpgrade order) throws UpgradeFailed {
        if (!Release.isNewer(order.version(), settings.version())) {
            throw new UpgradeFailed("version " + order.version() + " is not newer than this agent's "
                    + settings.version() + "; an agent is never downgraded");
        }
        if (order.size() <= 0 || order.size() > MAX_BYTES) {
            throw new UpgradeFailed("a size of " + order.size() + " bytes is not that of an agent's jar");
        }
    }

    private void awaitIdle(ToAgent.AgentUpgrade order) throws InterruptedException {
        var pause = settings.threads().signal();
        boolean reported = false;
        while (!settings.stopWhenIdle().getAsBoolean()) {
            if (!reported) {
                report(working(order, "waiting for the running job to end"));
                reported = true;
            }
            pause.await(CHECK_INTERVAL);
        }
        report(working(order, "restarting"));
    }

    /**
     * Installs the new jar. No run starts any more, so the agent restarts in any case, with the jar that is then on
     * disk.
     */
    private void install(ToAgent.AgentUpgrade order, Jar jar) {
        var attempt = Attempt.at(settings.clock().instant(), settings.version(), order.version(), order.sha256());
        try {
            attempt.save(settings.state());
            jar.installIncoming();
            log.log(Level.INFO, "the agent restarts as version " + order.version());
        } catch (IOException | UncheckedIOException e) {
            log.log(Level.ERROR, "the new version could not be installed; the agent restarts with the present one", e);
        }
    }

    private void giveUp(ToAgent.AgentUpgrade order, Jar jar, String why) {
        log.log(Level.ERROR, "the upgrade to " + order.version() + " failed: " + why);
        try {
            jar.deleteIncoming();
        } catch (IOException e) {
            log.log(Level.WARNING, "the new jar could not be removed: " + e.getMessage());
        }
        synchronized (this) {
            working = false;
        }
        report(failed(order.version(), why));
    }

    private synchronized void report(ToServer.UpgradeReport report) {
        latest = report;
        settings.send().accept(report);
    }

    private static ToServer.UpgradeReport off(String why) {
        return new ToServer.UpgradeReport("off", Optional.empty(), Optional.of(why));
    }

    private static ToServer.UpgradeReport working(ToAgent.AgentUpgrade order, String what) {
        return new ToServer.UpgradeReport("working", Optional.of(order.version()), Optional.of(what));
    }

    private static ToServer.UpgradeReport failed(String version, String why) {
        return new ToServer.UpgradeReport("failed", Optional.of(version), Optional.of(why));
    }
}
