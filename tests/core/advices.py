"""Advice that nobody measured."""

from core.advice.quadrants import plan_for
from core.advice.record import (
    Advice,
    AdvisedPlan,
    BaseTrial,
    CurvePoint,
    Examples,
    LearningCurve,
    PhotosPerClass,
    SimilarityParts,
)

LITE0, LITE1, VGG16 = (
    BaseTrial(base, title, accuracy, interval, 20, rate, megabytes, seconds=1.0)
    for base, title, accuracy, interval, rate, megabytes in (
        ("efficientnet-lite0", "EfficientNet-Lite0", 0.9, (0.7, 0.97), 100.0, 13.5),
        ("efficientnet-lite1", "EfficientNet-Lite1", 0.95, (0.76, 0.99), 60.0, 16.5),
        ("vgg16", "VGG16", 0.4, (0.22, 0.61), 9.0, 58.9),
    )
)
CURVE = LearningCurve(
    [
        CurvePoint(2.0, 0.6, (0.5, 0.7), measured=True),
        CurvePoint(8.0, 0.8, (0.75, 0.85), measured=True),
        CurvePoint(20.0, 0.9, (0.8, 0.95), measured=False),
    ],
    [],
    ["About 10 more of cross_* should help.", "More of disc will hardly change anything."],
)


def some_advice(**changes: object) -> Advice:
    """Few photos, similar to what the base model knows, but for what is said."""
    values = {
        "photos_per_class": PhotosPerClass(10, 12.0),
        "size": "small",
        "similarity": 0.62,
        "similarity_interval": (0.55, 0.7),
        "similar": True,
        "quadrant": 4,
        "plan": AdvisedPlan.of(plan_for(4, {"apple": 10, "pear": 14})),
        "reasons": ["12 photos of a class (the middle one): few.", "The photos are similar to what it learned from."],
        "similarity_parts": SimilarityParts((0.55, 0.7), 0.7, 100.0, 0.9, 0.9, 0.5, 20),
        "examples": Examples([], []),
        "bake_off": [BaseTrial(**{**vars(LITE0), "recommended": True})],
        "not_here": [],
        "learning_curve": CURVE,
        "seconds": 2.0,
        **changes,
    }
    return Advice(**values)
