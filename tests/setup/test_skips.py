"""What becomes of a skipped test."""

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def suite(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> pytest.Pytester:
    tests = request.config.rootpath / "tests"
    pytester.makeconftest((tests / "conftest.py").read_text(encoding="utf-8"))
    pytester.path.joinpath("allowed_skips.txt").write_text("# why\nno such machine\n", encoding="utf-8")
    return pytester


def test_a_skip_for_a_listed_reason_is_a_skip(suite: pytest.Pytester) -> None:
    suite.makepyfile("import pytest\ndef test_x(): pytest.skip('no such machine')")

    suite.runpytest_inprocess("-p", "no:asyncio").assert_outcomes(skipped=1)


def test_any_other_skip_fails(suite: pytest.Pytester) -> None:
    suite.makepyfile("import pytest\n@pytest.mark.skip(reason='later')\ndef test_x(): pass")

    result = suite.runpytest_inprocess("-p", "no:asyncio")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*Skipped for a reason that is not in allowed_skips.txt: later*"])


def test_an_expected_failure_fails(suite: pytest.Pytester) -> None:
    suite.makepyfile("import pytest\n@pytest.mark.xfail(reason='later')\ndef test_x(): assert False")

    suite.runpytest_inprocess("-p", "no:asyncio").assert_outcomes(failed=1)


def test_a_module_that_is_skipped_as_a_whole_fails(suite: pytest.Pytester) -> None:
    suite.makepyfile("import pytest\npytest.importorskip('no_such_module')\ndef test_x(): pass")

    suite.runpytest_inprocess("-p", "no:asyncio").assert_outcomes(errors=1)
