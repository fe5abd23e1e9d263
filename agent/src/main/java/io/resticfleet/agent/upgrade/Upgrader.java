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
 * Makes this agent another version when its server says so and the machine's owner lets it: fetch, verify, smoke-test, wait
 * for runs to end, put in place, leave. What goes wrong before the last step changes nothing. Then it is for {@link Trial}.
 *
 * <p>Safe for use by many threads; the work has a thread of its own.
 */
public final class Upgrader {

    private static final System.Logger log = System.getLogger(Upgrader.class.getName());

    private static final long LARGEST = 100L * 1024 * 1024;
    private static final Duration DOWNLOAD = Duration.ofMinutes(10);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Settings settings;
    private ToServer.UpgradeReport report = new ToServer.UpgradeReport("ready", Optional.empty(), Optional.empty());
    private boolean working;

    /**
     * What upgrading needs.
     *
     * @param jar absent if the agent does not run from one
     * @param version of this agent
     * @param source where the server offers its jar
     * @param exposed what is wrong if anybody on the way there could change it; absent if nothing is
     * @param stopWhenIdle begins no run any more and returns true, or returns false as one goes on
     * @param send tells the server, if it is there
     * @param leave ends the program, which is started again
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
            Runnable leave) {}

    public Upgrader(Settings settings) {
        this.settings = settings;
        Attempt.find(settings.state()).ifPresent(this::tellOf);
    }

    /** What failed, unless somebody has replaced the jar by hand since. */
    private void tellOf(Attempt attempt) {
        if (attempt.failed().isPresent() && !attempt.from().equals(settings.version())) {
            Attempt.forget(settings.state());
        } else {
            attempt.failed().ifPresent(why -> report = failed(attempt.to(), why));
        }
    }

    /** The server has let us in: it is told how it is. */
    public synchronized void connected() {
        settings.send().accept(refusal().map(Upgrader::off).orElse(report));
    }

    /** The server wants this agent to be another version. */
    public synchronized void ordered(ToAgent.AgentUpgrade order) {
        var refusal = refusal();
        if (refusal.isPresent()) {
            settings.send().accept(off(refusal.get()));
        } else if (!working) {
            working = true;
            settings.threads().start("upgrade", () -> work(order, settings.jar().orElseThrow()));
        }
    }

    /** Why this agent cannot be upgraded by its server. */
    private Optional<String> refusal() {
        if (!settings.policy().allows()) {
            return Optional.of(
                    "the owner of this machine does not let the server replace the agent's program; to allow it"
                            + " there, start the agent with RESTIC_FLEET_ALLOW_UPGRADES=1");
        }
        if (settings.exposed().isPresent()) {
            return Optional.of("whoever is on the way could send another program: "
                    + settings.exposed().get());
        }
        if (settings.jar().isEmpty()) {
            return Optional.of("this agent does not run from a jar");
        }
        var jar = settings.jar().get();
        return jar.canBeReplaced()
                ? Optional.empty()
                : Optional.of("the agent cannot write " + jar.file().getParent()
                        + ", as one that may only read cannot; run the install line on the machine instead");
    }

    private void work(ToAgent.AgentUpgrade order, Jar jar) {
        try {
            check(order);
            Attempt.forget(settings.state());
            tell(working(order, "fetching the new jar"));
            new Download(settings.client(), settings.source(), DOWNLOAD)
                    .to(jar.incoming(), order.sha256(), order.size());
            tell(working(order, "seeing whether it starts here"));
            SmokeTest.run(jar.incoming(), order.version());
            jar.keep();
            awaitIdle(order);
            advance(order, jar);
            settings.leave().run();
        } catch (UpgradeFailed e) {
            giveUp(order, jar, e.getMessage());
        } catch (IOException | UncheckedIOException e) {
            giveUp(order, jar, "the new jar cannot be put beside the present one: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void check(ToAgent.AgentUpgrade order) throws UpgradeFailed {
        if (!Release.isNewer(order.version(), settings.version())) {
            throw new UpgradeFailed("version " + order.version() + " is not newer than this agent's, which is "
                    + settings.version() + "; older ones are only gone back to");
        }
        if (order.size() <= 0 || order.size() > LARGEST) {
            throw new UpgradeFailed("a jar of " + order.size() + " bytes is not one of ours");
        }
    }

    private void awaitIdle(ToAgent.AgentUpgrade order) throws InterruptedException {
        var pause = settings.threads().signal();
        boolean told = false;
        while (!settings.stopWhenIdle().getAsBoolean()) {
            if (!told) {
                tell(working(order, "waiting for the run that goes on to end"));
                told = true;
            }
            pause.await(LOOK_EVERY);
        }
        tell(working(order, "restarting"));
    }

    /** No run is begun any more, so whatever happens here, the agent restarts; as which, the disk then tells. */
    private void advance(ToAgent.AgentUpgrade order, Jar jar) {
        var attempt = Attempt.at(settings.clock().instant(), settings.version(), order.version(), order.sha256());
        try {
            attempt.keep(settings.state());
            jar.advance();
            log.log(Level.INFO, "the agent restarts as version " + order.version());
        } catch (IOException | UncheckedIOException e) {
            log.log(Level.ERROR, "the new version could not be put in place; the agent restarts as it is", e);
        }
    }

    private void giveUp(ToAgent.AgentUpgrade order, Jar jar, String why) {
        log.log(Level.ERROR, "the upgrade to " + order.version() + " failed: " + why);
        try {
            jar.dropIncoming();
        } catch (IOException e) {
            log.log(Level.WARNING, "the new jar could not be removed: " + e.getMessage());
        }
        synchronized (this) {
            working = false;
        }
        tell(failed(order.version(), why));
    }

    private synchronized void tell(ToServer.UpgradeReport news) {
        report = news;
        settings.send().accept(news);
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
