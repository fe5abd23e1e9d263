package io.resticfleet.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The allowed dependencies between packages. */
@Tag("slow")
class ArchitectureTest {

    static final String AGENT = "io.resticfleet.agent";
    static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(AGENT);

    @Test
    void packages_have_no_cycles() {
        slices().matching(AGENT + ".(*)..").should().beFreeOfCycles().check(CODE);
    }

    @Test
    void no_package_depends_on_the_root() {
        noClasses()
                .that()
                .resideInAPackage(AGENT + ".*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(AGENT)
                .check(CODE);
    }

    @Test
    void only_the_root_uses_the_commands() {
        mayUse("cli", "config", "link", "policy", "restic", "restore", "state", "upgrade");
        usedByRootAnd("cli");
    }

    @Test
    void only_the_root_and_the_commands_use_the_config() {
        mayUse("config", "job", "link", "path", "policy", "restic", "restore", "state", "thread", "upgrade");
        usedByRootAnd("config", "cli");
    }

    @Test
    void only_the_root_uses_the_owners_alarm() {
        mayUse("alarm", "policy", "state", "thread");
        usedByRootAnd("alarm");
    }

    @Test
    void jobs_use_restic_and_the_link() {
        mayUse("job", "path", "policy", "restic", "restore", "link", "state", "thread");
    }

    @Test
    void questions_use_the_policy_and_no_jobs() {
        mayUse("question", "path", "policy", "reading", "restic", "restore", "thread");
        mayUse("reading", "policy", "restic", "thread");
    }

    @Test
    void policy_schedule_restic_and_link_do_not_use_each_other() {
        mayUse("policy");
        mayUse("schedule", "state", "thread");
        mayUse("restic", "state");
        mayUse("restore", "policy", "restic", "state");
        mayUse("link", "state", "thread");
        mayUse("state");
        mayUse("thread");
        mayUse("path", "thread");
    }

    @Test
    void upgrades_use_neither_jobs_nor_schedules() {
        mayUse("upgrade", "state", "thread");
    }

    /** Two mappers that read the same text in two ways are hard to tell apart. */
    @Test
    void json_is_read_and_written_by_the_mappers_of_the_protocol() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.resticfleet.protocol..")
                .should()
                .callMethod(JsonMapper.class, "builder")
                .orShould()
                .callConstructor(JsonMapper.class)
                .orShould()
                .callConstructor(ObjectMapper.class)
                .check(CODE);
    }

    @Test
    void ids_are_no_text() {
        noFields()
                .that()
                .haveNameMatching("(host|job|schedule|repository)Ids?")
                .should(ArchCondition.from(DescribedPredicate.describe(
                        "be text",
                        (JavaField field) -> field.getAllInvolvedRawTypes().stream()
                                .anyMatch(type -> type.isEquivalentTo(String.class)))))
                .check(CODE);
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

    private static void usedByRootAnd(String part, String... others) {
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
                "io.resticfleet.program..",
                "io.resticfleet.pin..",
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
