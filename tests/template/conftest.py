import pytest

from tests.template.edge import Edge


@pytest.fixture(scope="session")
def edge() -> Edge:
    """The distribution with the defaults of every parameter."""
    return Edge()
