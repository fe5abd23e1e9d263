package io.resticfleet.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static io.resticfleet.server.ServerClasses.CODE;
import static io.resticfleet.server.ServerClasses.ROOT;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.resticfleet.server.page.Pages;
import io.resticfleet.server.web.Assets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the packages of pages may depend on, and what the records that templates render may hold. */
class PageArchitectureTest {

    @Test
    void no_two_packages_of_pages_need_each_other() {
        slices().matching(ROOT + ".page.(*)..").should().beFreeOfCycles().check(CODE);
    }

    @Test
    void words_and_frame_are_the_ground_of_the_pages() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".page.text..", ROOT + ".page.frame..")
                .should()
                .dependOnClassesThat(resideInAPackage(ROOT + ".page..")
                        .and(not(resideInAnyPackage(ROOT + ".page.text..", ROOT + ".page.frame.."))))
                .check(CODE);
    }

    @Test
    void pages_may_look_at_all_and_none_may_look_at_them() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, ROOT + ".page..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".page..")
                .check(CODE);
    }

    /** What a page shows is found before it is shown: a record of plain values, and words. */
    @Test
    void what_pages_show_knows_no_http() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".page..")
                .and()
                .areRecords()
                .or()
                .resideInAPackage(ROOT + ".page..")
                .and()
                .haveSimpleNameEndingWith("Words")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javalin..", "jakarta.servlet..", "org.eclipse.jetty..")
                .check(CODE);
    }

    /** A record that holds a function or a feature could read the database while its template renders. */
    @Test
    void what_pages_show_is_found_before_it_is_shown() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".page..")
                .and()
                .areRecords()
                .and()
                .doNotBelongToAnyOf(Pages.class) // holds the features
                .should(holdValuesOnly())
                .check(CODE);
    }

    private static ArchCondition<JavaClass> holdValuesOnly() {
        return new ArchCondition<>("hold values only") {
            @Override
            public void check(JavaClass record, ConditionEvents events) {
                record.getFields().stream()
                        .flatMap(field -> field.getAllInvolvedRawTypes().stream()
                                .map(JavaClass::getBaseComponentType)
                                .filter(type -> !isValue(type))
                                .map(type -> field.getFullName() + " holds a " + type.getName()))
                        .forEach(wrong -> events.add(SimpleConditionEvent.violated(record, wrong)));
            }
        };
    }

    private static boolean isValue(JavaClass type) {
        return type.isPrimitive()
                || type.isRecord()
                || type.isEnum()
                || List.of("java.lang", "java.time", "java.util").contains(type.getPackageName())
                || type.isEquivalentTo(Assets.class); // files of the program
    }
}
