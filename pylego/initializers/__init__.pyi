from pylego.initializers.constant_initializers import (
    Constant as Constant,
    Identity as Identity,
    IdentityInitializer as IdentityInitializer,
    Ones as Ones,
    Zeros as Zeros,
    constant as constant,
    identity as identity,
    ones as ones,
    zeros as zeros,
)
from pylego.initializers.fourier_waves import (
    STFT as STFT,
    STFTInitializer as STFTInitializer,
    stft as stft,
)
from pylego.initializers.initializer import (
    Initializer as Initializer,
    RandomInitializer as RandomInitializer,
)
from pylego.initializers.random_initializers import (
    Orthogonal as Orthogonal,
    OrthogonalInitializer as OrthogonalInitializer,
    RandomNormal as RandomNormal,
    RandomUniform as RandomUniform,
    TruncatedNormal as TruncatedNormal,
    orthogonal as orthogonal,
    random_normal as random_normal,
    random_uniform as random_uniform,
    truncated_normal as truncated_normal,
)
from pylego.initializers.scaling_initializers import (
    GlorotNormal as GlorotNormal,
    GlorotUniform as GlorotUniform,
    HeNormal as HeNormal,
    HeUniform as HeUniform,
    LecunNormal as LecunNormal,
    LecunUniform as LecunUniform,
    VarianceScaling as VarianceScaling,
    compute_fans as compute_fans,
    glorot_normal as glorot_normal,
    glorot_uniform as glorot_uniform,
    he_normal as he_normal,
    he_uniform as he_uniform,
    lecun_normal as lecun_normal,
    lecun_uniform as lecun_uniform,
    variance_scaling as variance_scaling,
)
from pylego.initializers.serialization import (
    deserialize as deserialize,
    get as get,
    serialize as serialize,
)
