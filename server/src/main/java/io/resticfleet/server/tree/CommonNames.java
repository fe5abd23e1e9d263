package io.resticfleet.server.tree;

/** Names, and parts of names, that many directories have. Those most often used are last. */
final class CommonNames {

    static final String TEXT = """
            list.py describe.py create.py delete.py update.py get.py resources.py base.py client.py exceptions.py utils.py
            util.py flags.py types.py config.py models.py views.py urls.py admin.py tests.py constants.py errors.py
            __init__.cpython-312.pyc __init__.cpython-313.pyc .cpython-312.pyc create.yaml delete.yaml update.yaml list.yaml
            v1beta1 v1alpha1 v1 v2 api cli auth docs.go main.go doc.go util.go types.go example_test.go _test.go go.mod go.sum
            NEWS.gz NEWS.Debian.gz README.Debian iso_3166-1.mo gtk30.mo glib20.mo crypto operations debian contrib scripts
            operations openssl _partials ADDITIONAL_LICENSE_INFO ASSEMBLY_EXCEPTION XLC_LOCALE
            Compose providers examples internal locations AUTHORS CHANGELOG NEWS README.Debian
            TODO.Debian WHEEL RECORD METADATA INSTALLER REQUESTED top_level.txt entry_points.txt
            direct_url.json PKG-INFO SOURCES.txt dist-info egg-info site-packages dist-packages
            instances services mimetypes categories emblems devices animations changelog.Debian.gz
            changelog.gz copyright LICENSE.txt LICENSE.md LICENSE NOTICE COPYING Makefile
            CMakeLists.txt Dockerfile docker-compose.yml .gitignore .gitattributes .editorconfig
            .eslintrc.js .npmignore .DS_Store Thumbs.db desktop.ini package.json package-lock.json
            tsconfig.json yarn.lock node_modules bower_components vendor bundle webpack.config.js
            README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md index.d.ts index.js.map index.mjs
            index.cjs index.js index.ts index.html index.php main.css style.css styles.css
            favicon.ico robots.txt .min.js .test.js .spec.ts .d.ts .svg .html .css .scss .woff2 .ttf
            __init__.py __main__.py __pycache__ setup.py conftest.py requirements.txt pyproject.toml
            .cpython-311.pyc .cpython-310.pyc .pyi .so.0.0.0 .so.1.0.0 .so.2 .so.1 libgcc lib64
            include src source test tests testing testdata docs doc document images image assets
            static templates public private config configuration settings common utils utilities
            helper metadata objects info refs heads remotes origin pack hooks description HEAD
            ORIG_HEAD FETCH_HEAD COMMIT_EDITMSG master main .git pre-commit.sample .sample backup
            backups cache .cache Cache Code Cache GPUCache Local Storage Session Storage IndexedDB
            .config .local share applications icons hicolor 16x16 22x22 24x24 32x32 48x48 64x64
            128x128 256x256 scalable apps places status actions locale LC_MESSAGES LC_TIME man1 man3
            man5 man7 man8 .1.gz .3.gz .8.gz .pom .jar META-INF MANIFEST.MF target classes build dist
            bin lib etc usr var log logs tmp opt srv home root Desktop Documents Downloads Music
            Pictures Videos Camera DCIM 100CANON IMG_20230815_1 DSC_00 IMG_ VID_ Screenshot from
            2023-0 Scan invoice Rechnung report letter .jpeg .jpg .JPG .png .PNG .gif .tiff .heic
            .mp4 .MOV .mov .avi .mkv .mp3 .flac .m4a .wav .pdf .docx .xlsx .pptx .doc .xls .ppt .odt
            .ods .txt .csv .tsv .xml .xsd .dtd .yaml .yml .toml .ini .conf .cfg .properties .service
            .socket .timer .mount .wants .target .list .md5sums .postinst .prerm .preinst .postrm
            .shlibs .symbols .triggers .conffiles .db .sqlite3 .sqlite-wal .sql .dump .log.1
            .log.2.gz .gz .bz2 .xz .zst .tar.gz .tgz .zip .deb .rpm .iso .img .qcow2 .vmdk .bak .old
            .orig .swp .tmp .lock .pid .sock .key .pem .crt .csr .pub id_rsa authorized_keys
            known_hosts .ssh .gnupg .bashrc .profile .bash_history .bash_logout .vimrc .viminfo
            .mozilla .thunderbird firefox default-release places.sqlite cookies.sqlite .c .cc .cpp .h
            .hpp .o .a .la .so .dll .exe .go .mod .sum .rs Cargo.toml Cargo.lock .java .class .kt
            .gradle pom.xml .py .pyc .rb .erb .php .phtml .inc .tpl .twig .vue .jsx .tsx .js .json
            .sh .bash .bat .ps1 .pl .pm .lua .vim .el .tcl .mo .po .pot .rst .md .html
            """;

    private CommonNames() {}
}
