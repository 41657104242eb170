"""A name nobody has is said with the nearest that somebody has: else it would allow nobody and bind nothing."""

import pytest

from monitor.catalogue import load_catalogue
from monitor.settings import Config
from monitor.workloadnames import name_problems

CATALOGUE = load_catalogue()
MEI = {"by": "mei", "date": "2026-11-02"}


def problems(catalogue=CATALOGUE, **workload):
    return list(name_problems(Config.model_validate({
        "regions": {"eu": {}}, "endpoints": [{"name": "our-vllm", "base_url": "http://10.0.0.7/v1"}],
        "workloads": {"smart": {"primary": "claude", **workload}}}), catalogue))


def test_names_that_somebody_has_are_no_problem():
    assert problems(allowed=[{"vendor": "Kimi", **MEI}, {"vendor": "our-vllm", **MEI}],
                    data_stays={"eu": {"vendors": ["claude", "our-vllm"], "jurisdictions": ["DE"]}}) == []


@pytest.mark.parametrize(("workload", "line"), [
    ({"allowed": [{"vendor": "kimmi", **MEI}]}, "workloads.smart.allowed[0].vendor: unknown vendor 'kimmi'"),
    ({"data_stays": {"eu": {"vendors": ["our-vlm"]}}}, "workloads.smart.data_stays.eu.vendors: unknown vendor"),
    ({"data_stays": {"euu": {"vendors": ["kimi"]}}},
     "workloads.smart.data_stays.euu: unknown region (did you mean eu?)"),
    ({"allowed": [{"vendor": "kimi", **MEI}, {"vendor": "moonshot", **MEI}]},
     "workloads.smart.allowed: 'moonshot' is the same vendor as 'kimi'")])
def test_one_that_nobody_has_is(workload, line):
    [said] = problems(**workload)
    assert said.startswith(line)


def test_the_nearest_name_is_offered():
    assert "(did you mean kimi?)" in problems(allowed=[{"vendor": "kimmi", **MEI}])[0]
    assert "our-vllm" in problems(data_stays={"eu": {"vendors": ["our-vlm"]}})[0]


def test_without_a_catalogue_vendors_go_unchecked():
    assert problems(None, allowed=[{"vendor": "nobody", **MEI}]) == []
