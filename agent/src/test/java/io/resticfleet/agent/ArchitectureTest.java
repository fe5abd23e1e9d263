package io.resticfleet.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Who may use whom, kept true. */
class ArchitectureTest {

    static final String AGENT = "io.resticfleet.agent";
    static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(AGENT);

    @Test
    void no_two_packages_need_each_other() {
        slices().matching(AGENT + ".(*)..").should().beFreeOfCycles().check(CODE);
    }

    @Test
    void only_the_root_knows_every_part() {
        noClasses()
                .that()
                .resideInAPackage(AGENT + ".*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(AGENT)
                .check(CODE);
    }

    @Test
    void only_the_root_knows_the_commands() {
        mayUse("cli", "config", "link", "policy", "restic", "state", "upgrade");
        knownBy("cli");
    }

    @Test
    void only_the_root_and_the_commands_know_the_config() {
        mayUse("config", "job", "link", "policy", "restic", "state", "thread", "upgrade");
        knownBy("config", "cli");
    }

    @Test
    void jobs_know_restic_and_the_link() {
        mayUse("job", "policy", "restic", "link", "state", "thread");
    }

    @Test
    void questions_know_the_policy_and_no_job() {
        mayUse("question", "policy", "thread");
    }

    @Test
    void policy_schedules_restic_and_the_link_know_no_other_part() {
        mayUse("policy");
        mayUse("schedule", "state", "thread");
        mayUse("restic", "state");
        mayUse("link", "state", "thread");
        mayUse("state");
        mayUse("thread");
    }

    @Test
    void upgrades_know_no_job_and_no_schedule() {
        mayUse("upgrade", "state", "thread");
    }

    @Test
    void time_comes_from_the_injected_clock() {
        noClasses()
                .that()
                .resideInAPackage(AGENT + ".*..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(CODE);
    }

    @Test
    void the_agent_stays_small() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javalin..", "org.jdbi..", "java.sql..", "org.slf4j..")
                .check(CODE);
    }

    /** By the root, too. */
    private static void knownBy(String part, String... others) {
        var allowed = new java.util.ArrayList<>(java.util.List.of(AGENT, AGENT + "." + part + ".."));
        for (var other : others) {
            allowed.add(AGENT + "." + other + "..");
        }
        classes()
                .that()
                .resideInAPackage(AGENT + "." + part + "..")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAnyPackage(allowed.toArray(String[]::new))
                .check(CODE);
    }

    private static void mayUse(String part, String... others) {
        var allowed = new java.util.ArrayList<>(java.util.List.of(
                AGENT + "." + part + "..",
                "io.resticfleet.protocol..",
                "com.fasterxml.jackson..",
                "com.github.f4b6a3.ulid..",
                "java..",
                "javax.net.ssl.."));
        for (var other : others) {
            allowed.add(AGENT + "." + other + "..");
        }
        classes()
                .that()
                .resideInAPackage(AGENT + "." + part + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed.toArray(String[]::new))
                .check(CODE);
    }
}
